/// Drafted tokens behind decode rows, of what everything else left. They never take a row, a chunk or a place from anybody.
[<RequireQualifiedAccess>]
module internal StreamCore.Scheduler.Planning.Drafting

open System

let private takes (slots: ReadOnlySpan<SlotState>) (run: PlannedRun) =
    slots[run.Slot].IsDecoding && slots[run.Slot].Drafts > 0

let private takers (slots: ReadOnlySpan<SlotState>) (plan: StepPlan) =
    let mutable count = 0

    for place in 0 .. plan.Runs.Length - 1 do
        if takes slots plan.Runs[place] then
            count <- count + 1

    count

/// Tokens the step may still have.
let private spare (budget: inref<StepBudget>) (plan: StepPlan) =
    let used = budget.MaxTokens - plan.Tokens
    min (budget.MaxDraftedTokens - used) (min plan.Tokens plan.LogitsRows)

/// Blocks that drafts may take. Prompts are promised theirs, and where somebody is left out of the step all of them are for him.
let private blocks (slots: ReadOnlySpan<SlotState>) (plan: StepPlan) =
    if plan.Runs.Length < slots.Length then
        0
    else
        plan.FreeBlocks - plan.PromisedBlocks

/// Adds drafts to decode rows, in equal shares.
let lengthen (budget: inref<StepBudget>) (slots: ReadOnlySpan<SlotState>) (plan: StepPlan) =
    let mutable sharing = takers slots plan
    let mutable place = 0

    while sharing > 0 && spare &budget plan > 0 do
        let run = plan.Runs[place]

        if takes slots run then
            let slot = &slots[run.Slot]
            let share = (spare &budget plan + sharing - 1) / sharing
            let room = Blocks.room &budget &slot (run.NewBlocks + max 0 (blocks slots plan))
            let longest = min (budget.MaxChunkTokens - 1) (room - 1)
            let drafts = min slot.Drafts (min share longest)

            if drafts > 0 then
                let held = {
                    slot with
                        Blocks = slot.Blocks + run.NewBlocks
                }

                plan.Lengthen(place, drafts, Blocks.missing &budget &held (slot.Cached + 1 + drafts))

            sharing <- sharing - 1

        place <- place + 1
