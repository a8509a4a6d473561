namespace StreamCore.Scheduler.Planning

open System

type internal SlotMark =
    | None = 0uy
    | Planned = 1uy
    | Preempted = 2uy

/// What one step will do. Made once for a number of slots and filled again for every step.
[<Sealed; NoComparison; NoEquality>]
type StepPlan(maxSlots: int) =
    let runs: PlannedRun[] = Array.zeroCreate maxSlots
    let preempted: int[] = Array.zeroCreate maxSlots
    let marks: SlotMark[] = Array.zeroCreate maxSlots
    let mutable runCount = 0
    let mutable preemptedCount = 0

    /// Runs of the step: decode rows first, each kind oldest first.
    member _.Runs = ReadOnlySpan<PlannedRun>(runs, 0, runCount)

    /// Indices of the slots that give up their cache blocks before the step, youngest first.
    member _.Preempted = ReadOnlySpan<int>(preempted, 0, preemptedCount)

    // What is left while the plan is made.
    member val internal Tokens = 0 with get, set
    /// Of `Tokens`, those that prompts may have.
    member val internal PromptTokens = 0 with get, set
    member val internal LogitsRows = 0 with get, set
    member val internal FreeBlocks = 0 with get, set
    member val internal Residents = 0 with get, set
    /// Blocks that residents' prompts still need beyond this step.
    member val internal PromisedBlocks = 0 with get, set

    member internal _.Mark(slot: int) = marks[slot]

    member internal _.Clear(slotCount: int) =
        Array.Clear(marks, 0, slotCount)
        runCount <- 0
        preemptedCount <- 0

    member internal plan.Add(run: PlannedRun) =
        marks[run.Slot] <- SlotMark.Planned
        runs[runCount] <- run
        runCount <- runCount + 1
        plan.Tokens <- plan.Tokens - run.TokenCount
        plan.PromptTokens <- plan.PromptTokens - run.TokenCount
        plan.LogitsRows <- plan.LogitsRows - run.LogitsCount
        plan.FreeBlocks <- plan.FreeBlocks - run.NewBlocks

    /// Adds drafts, and blocks for them, to the run at this place of `Runs`.
    member internal plan.Lengthen(place: int, drafts: int, newBlocks: int) =
        let run = runs[place]

        runs[place] <- {
            run with
                TokenCount = run.TokenCount + drafts
                DraftCount = run.DraftCount + drafts
                LogitsCount = run.LogitsCount + drafts
                NewBlocks = run.NewBlocks + newBlocks
        }

        plan.Tokens <- plan.Tokens - drafts
        plan.LogitsRows <- plan.LogitsRows - drafts
        plan.FreeBlocks <- plan.FreeBlocks - newBlocks

    member internal plan.Preempt(slot: int, freed: int) =
        marks[slot] <- SlotMark.Preempted
        preempted[preemptedCount] <- slot
        preemptedCount <- preemptedCount + 1
        plan.FreeBlocks <- plan.FreeBlocks + freed
        plan.Residents <- plan.Residents - 1
