module StreamCore.Planning.Tests.PlannerTests

open FsCheck.FSharp
open Xunit
open StreamCore.Scheduler.Planning
open StreamCore.Planning.Tests.Simulation
open StreamCore.Planning.Tests.Histories

let private isDecode (slot: SlotState) = slot.Resident && slot.Pending = 1

let private undrafted (slots: SlotState[]) =
    slots |> Array.map (fun slot -> { slot with Drafts = 0 })

/// A run as it would be without its drafts, blocks aside.
let private plain (run: PlannedRun) = {
    run with
        TokenCount = run.TokenCount - run.DraftCount
        LogitsCount = run.LogitsCount - run.DraftCount
        DraftCount = 0
        NewBlocks = 0
}

let private ordered (indices: int[]) =
    indices |> Array.pairwise |> Array.forall (fun (a, b) -> a < b)

[<Fact>]
let ``A plan keeps to the budget of tokens, sequences and rows of logits`` () =
    checkSteps "budget" (fun history record ->
        let budget = history.Budget

        Array.sumBy _.TokenCount record.Runs <= budget.MaxTokens
        && record.Runs.Length <= budget.MaxSequences
        && Array.sumBy _.LogitsCount record.Runs <= budget.MaxLogitsRows
        && record.Runs |> Array.forall (fun r -> r.TokenCount <= budget.MaxChunkTokens))

[<Fact>]
let ``A plan takes no block that is not free, and each run has the blocks its tokens need`` () =
    checkSteps "blocks" (fun history record ->
        let freed = record.Preempted |> Array.sumBy (fun i -> record.Slots[i].Freeable)

        Array.sumBy _.NewBlocks record.Runs <= record.Free + freed
        && record.Runs
           |> Array.forall (fun r ->
               let slot = record.Slots[r.Slot]
               let tokens = slot.Cached + r.TokenCount

               (slot.Blocks + r.NewBlocks) * history.Budget.BlockTokens >= tokens
               && (r.NewBlocks = 0
                   || (slot.Blocks + r.NewBlocks - 1) * history.Budget.BlockTokens < tokens)))

[<Fact>]
let ``A slot is run once, preempted once, or left alone`` () =
    checkSteps "once" (fun _ record ->
        let touched =
            Array.append (record.Runs |> Array.map (fun r -> r.Slot)) record.Preempted

        Array.distinct touched = touched
        && record.Preempted |> Array.forall (fun i -> record.Slots[i].Resident))

[<Fact>]
let ``A run has at least one token and wants the logits of exactly those that are not before the first wanted`` () =
    checkSteps "logits" (fun _ record ->
        record.Runs
        |> Array.forall (fun r ->
            let slot = record.Slots[r.Slot]

            let wanted =
                [| slot.Cached .. slot.Cached + r.TokenCount - 1 |]
                |> Array.filter (fun position -> position >= slot.LogitsFrom)

            r.TokenCount - r.DraftCount >= 1
            && r.TokenCount - r.DraftCount <= slot.Pending
            && r.LogitsCount = wanted.Length))

[<Fact>]
let ``The same state gives the same plan`` () =
    checkSteps "pure" (fun history record ->
        let runs, preempted = plan history.Budget record.Slots record.Free
        runs = record.Runs && preempted = record.Preempted)

[<Fact>]
let ``A used plan is filled like a new one`` () =
    check "reuse" (fun history ->
        let used = StepPlan 64

        (run history).Records
        |> List.forall (fun record ->
            Planner.Plan(System.ReadOnlySpan record.Slots, history.Budget, record.Free, used)
            used.Runs.ToArray() = record.Runs && used.Preempted.ToArray() = record.Preempted))

[<Fact>]
let ``Every generation that its client waits for ends, in bounded steps`` () =
    check "no starvation" (fun history ->
        (run history).Lives
        |> Array.forall (fun l ->
            l.EndedAt >= 0
            && (l.Answered = l.Arrival.Answer || l.Arrival.LeavesAt <= l.EndedAt)))

[<Fact>]
let ``Where there are slots, a plan does something`` () =
    checkSteps "progress" (fun _ record ->
        record.Slots.Length = 0 || record.Runs.Length > 0 || record.Preempted.Length > 0)

[<Fact>]
let ``The first slot waits at most for decode rows, or for those who joined while it waited for another's prompt`` () =
    checkSteps "first served" (fun history record ->
        let overtaken () =
            let first = Array.item record.Ids[0] (arrivals history)

            first.Follows
            && not record.Slots[0].Resident
            && record.Runs |> Array.exists (fun r -> record.Slots[r.Slot].Resident)

        record.Slots.Length = 0
        || record.Runs |> Array.exists (fun r -> r.Slot = 0)
        || record.Runs |> Array.exists (fun r -> isDecode record.Slots[r.Slot])
        || overtaken ())

[<Fact>]
let ``Decode rows come first and are what they would be without any prompt`` () =
    checkSteps "decode first" (fun history record ->
        let decoding = record.Runs |> Array.map (fun r -> isDecode record.Slots[r.Slot])

        // Prompts still hold their blocks, but want nothing.
        let without =
            record.Slots
            |> Array.map (fun s -> if isDecode s then s else { s with Known = s.Cached })

        let runs, _ = plan history.Budget without record.Free

        let decodeRows =
            record.Runs |> Array.filter (fun r -> isDecode record.Slots[r.Slot])

        decoding = Array.sortDescending decoding
        && Array.map plain decodeRows = (runs |> Array.filter (fun r -> isDecode without[r.Slot]) |> Array.map plain))

[<Fact>]
let ``Beside decode rows prompts keep to their share, which grows with those who wait for each of them`` () =
    checkSteps "prompts' share" (fun history record ->
        let decoding, prompts =
            record.Runs |> Array.partition (fun r -> isDecode record.Slots[r.Slot])

        let waiting =
            record.Slots |> Array.filter (fun s -> not (isDecode s) && not s.Waits)

        let share =
            max 24 (history.Budget.PromptTokensPerRow * max decoding.Length waiting.Length)

        decoding.Length = 0 || Array.sumBy _.TokenCount prompts <= share)

[<Theory>]
[<InlineData(0, 1, 64)>]
[<InlineData(1, 1, 24)>]
[<InlineData(5, 2, 30)>]
[<InlineData(8, 8, 48)>]
[<InlineData(2, 7, 42)>]
[<InlineData(12, 7, 52)>]
let ``Prompts get so many tokens beside decode rows`` (decoding, waiting, tokens) =
    let budget = {
        MaxTokens = 64
        MaxSequences = 64
        MaxLogitsRows = 64
        MaxChunkTokens = 64
        PromptTokensPerRow = 6
        MaxDraftedTokens = 0
        BlockTokens = 16
    }

    let slot known cached = {
        Known = known
        Cached = cached
        LogitsFrom = known - 1
        Drafts = 0
        Blocks = (cached + 15) / 16
        Freeable = (cached + 15) / 16
        Resident = true
        Waits = false
    }

    let slots =
        Array.append (Array.replicate waiting (slot 1000 16)) (Array.replicate decoding (slot 20 19))

    let runs, _ = plan budget slots 1000

    let prompts =
        runs
        |> Array.filter (fun r -> not (isDecode slots[r.Slot]))
        |> Array.sumBy _.TokenCount

    Assert.Equal(tokens, prompts)

[<Fact>]
let ``Drafts change nothing else: without them the plan is the same`` () =
    checkSteps "drafts displace nothing" (fun history record ->
        let runs, preempted = plan history.Budget (undrafted record.Slots) record.Free

        preempted = record.Preempted
        && Array.map plain record.Runs = Array.map plain runs
        && Array.forall2
            (fun (run: PlannedRun) (without: PlannedRun) ->
                run.NewBlocks = without.NewBlocks
                || (run.DraftCount > 0 && run.NewBlocks > without.NewBlocks))
            record.Runs
            runs)

[<Fact>]
let ``Drafts are behind decode rows, no more than there are, and within the step's bound on them`` () =
    checkSteps "drafts" (fun history record ->
        let drafts = Array.sumBy _.DraftCount record.Runs

        record.Runs
        |> Array.forall (fun r ->
            let slot = record.Slots[r.Slot]

            r.DraftCount = 0
            || (isDecode slot && r.DraftCount > 0 && r.DraftCount <= slot.Drafts))
        && (drafts = 0
            || Array.sumBy _.TokenCount record.Runs <= history.Budget.MaxDraftedTokens))

[<Fact>]
let ``Drafts take no block that prompts still need, and none while somebody is left out of the step`` () =
    checkSteps "drafts and blocks" (fun history record ->
        let runs, _ = plan history.Budget (undrafted record.Slots) record.Free
        let used = Array.sumBy _.NewBlocks record.Runs
        let forDrafts = used - Array.sumBy _.NewBlocks runs

        let promised =
            record.Runs
            |> Array.sumBy (fun r ->
                let slot = record.Slots[r.Slot]
                let held = slot.Blocks + r.NewBlocks

                if isDecode slot then
                    0
                else
                    max
                        0
                        ((slot.Known + history.Budget.BlockTokens - 1) / history.Budget.BlockTokens
                         - held))

        forDrafts = 0
        || (record.Preempted.Length = 0
            && record.Runs.Length = record.Slots.Length
            && used + promised <= record.Free))

[<Fact>]
let ``With room for all, every decode row has its drafts; with little, each has an equal share`` () =
    checkSteps "drafts are used" (fun history record ->
        let budget = history.Budget

        let decoding = record.Runs |> Array.filter (fun r -> isDecode record.Slots[r.Slot])

        let wanted (run: PlannedRun) =
            min record.Slots[run.Slot].Drafts (budget.MaxChunkTokens - 1)

        let tokens = record.Runs |> Array.sumBy (fun r -> r.TokenCount - r.DraftCount)
        let rows = record.Runs |> Array.sumBy (fun r -> r.LogitsCount - r.DraftCount)

        let spare =
            min (min budget.MaxTokens budget.MaxDraftedTokens - tokens) (budget.MaxLogitsRows - rows)

        let hasBlocks =
            record.Runs.Length = record.Slots.Length
            && Array.forall isDecode record.Slots
            && record.Free >= 9 * record.Slots.Length

        not hasBlocks
        || spare <= 0
        || (let share = spare / max 1 decoding.Length
            decoding |> Array.forall (fun r -> r.DraftCount >= min share (wanted r))))

[<Fact>]
let ``With blocks for all, every resident decodes in every step`` () =
    checkSteps "no stall" (fun _ record ->
        let decoding =
            [| 0 .. record.Slots.Length - 1 |]
            |> Array.filter (fun i -> isDecode record.Slots[i])

        record.Free < decoding.Length
        || decoding
           |> Array.forall (fun i -> record.Runs |> Array.exists (fun r -> r.Slot = i)))

[<Fact>]
let ``Only the youngest that are not needed are preempted, and by someone older`` () =
    checkSteps "youngest" (fun _ record ->
        record.Preempted
        |> Array.forall (fun victim ->
            record.Runs |> Array.exists (fun r -> r.Slot < victim)
            && [| victim + 1 .. record.Slots.Length - 1 |]
               |> Array.forall (fun i ->
                   not record.Slots[i].Resident
                   || Array.contains i record.Preempted
                   || record.Runs |> Array.exists (fun r -> r.Slot = i && isDecode record.Slots[i]))))

[<Fact>]
let ``Nobody overtakes: who joins has no older one waiting, and preempted ones return in order`` () =
    checkSteps "order" (fun _ record ->
        let joins =
            record.Runs
            |> Array.filter (fun r -> not record.Slots[r.Slot].Resident)
            |> Array.map (fun r -> r.Slot)

        let waiting =
            [| 0 .. record.Slots.Length - 1 |]
            |> Array.filter (fun i -> not record.Slots[i].Resident && not record.Slots[i].Waits)

        ordered joins
        && joins = Array.truncate joins.Length waiting
        && (joins.Length = 0 || record.Preempted.Length = 0))

[<Fact>]
let ``Who waits for another's prompt does not join`` () =
    checkSteps "followers" (fun _ record ->
        record.Runs
        |> Array.forall (fun r -> record.Slots[r.Slot].Resident || not record.Slots[r.Slot].Waits))

[<Fact>]
let ``Residents are never more than may run together`` () =
    checkSteps "residents" (fun history record ->
        record.Slots |> Array.filter _.Resident |> Array.length
        <= history.Budget.MaxSequences)

[<Theory>]
[<InlineData(1, 16, 4, 4, true)>]
[<InlineData(1, 17, 4, 4, false)>]
[<InlineData(17, 1, 4, 4, false)>]
[<InlineData(2147483647, 2147483647, 4, 4, false)>]
let ``What can never fit is known beforehand`` (prompt, answer, blockTokens, blocks, fits) =
    let budget = {
        MaxTokens = 8
        MaxSequences = 8
        MaxLogitsRows = 8
        MaxChunkTokens = 8
        PromptTokensPerRow = 8
        MaxDraftedTokens = 8
        BlockTokens = blockTokens
    }

    Assert.Equal(fits, Planner.Fits(prompt, answer, budget, blocks))

[<Fact>]
let ``A long prompt goes in chunks beside the decode rows`` () =
    let budget = {
        MaxTokens = 8
        MaxSequences = 4
        MaxLogitsRows = 4
        MaxChunkTokens = 6
        PromptTokensPerRow = 8
        MaxDraftedTokens = 8
        BlockTokens = 4
    }

    let slot known cached blocks resident = {
        Known = known
        Cached = cached
        LogitsFrom = known - 1
        Drafts = 0
        Blocks = blocks
        Freeable = blocks
        Resident = resident
        Waits = false
    }

    let slots = [| slot 100 12 3 true; slot 9 8 2 true; slot 5 4 1 true; slot 3 0 0 false |]
    let runs, preempted = plan budget slots 50

    let expected = [|
        {
            Slot = 1
            TokenCount = 1
            DraftCount = 0
            LogitsCount = 1
            NewBlocks = 1
        }
        {
            Slot = 2
            TokenCount = 1
            DraftCount = 0
            LogitsCount = 1
            NewBlocks = 1
        }
        {
            Slot = 0
            TokenCount = 6
            DraftCount = 0
            LogitsCount = 0
            NewBlocks = 2
        }
    |]

    Assert.Equal<PlannedRun>(expected, runs)
    Assert.Empty preempted

[<Fact>]
let ``Drafts share what the step's bound leaves, and take a block where one is free`` () =
    let budget = {
        MaxTokens = 64
        MaxSequences = 4
        MaxLogitsRows = 64
        MaxChunkTokens = 32
        PromptTokensPerRow = 32
        MaxDraftedTokens = 9
        BlockTokens = 4
    }

    let slot known drafts = {
        Known = known
        Cached = known - 1
        LogitsFrom = known - 1
        Drafts = drafts
        Blocks = (known + 2) / 4
        Freeable = (known + 2) / 4
        Resident = true
        Waits = false
    }

    let run slot drafts blocks = {
        Slot = slot
        TokenCount = 1 + drafts
        DraftCount = drafts
        LogitsCount = 1 + drafts
        NewBlocks = blocks
    }

    let slots = [| slot 6 8; slot 9 1; slot 7 8 |]
    let runs, _ = plan budget slots 50
    Assert.Equal<PlannedRun>([| run 0 2 0; run 1 1 1; run 2 3 1 |], runs)
    let short, _ = plan budget slots 1
    Assert.Equal<PlannedRun>([| run 0 2 0; run 1 1 1; run 2 1 0 |], short)

[<Fact>]
let ``The random histories know shortage, waiting and return`` () =
    let runs = Gen.sample 300 history |> Array.map run

    let count condition =
        runs |> Array.filter condition |> Array.length

    Assert.InRange(count (fun r -> r.Records |> List.exists (fun s -> s.Preempted.Length > 0)), 30, 300)
    Assert.InRange(count (fun r -> r.Lives |> Array.exists (fun l -> l.Joined.Length > 1)), 30, 300)

    Assert.InRange(
        count (fun r ->
            r.Records
            |> List.exists (fun s -> s.Runs |> Array.exists (fun p -> p.LogitsCount > 1))),
        30,
        300
    )

    Assert.InRange(count (fun r -> r.Records |> List.exists (fun s -> s.Slots |> Array.exists _.Waits)), 30, 300)

    Assert.InRange(
        count (fun r ->
            r.Records
            |> List.exists (fun s -> s.Runs |> Array.exists (fun p -> p.DraftCount > 0))),
        30,
        300
    )

    Assert.InRange(
        count (fun r ->
            r.Records
            |> List.exists (fun s -> s.Runs.Length > 0 && s.Runs[0].TokenCount > 1)),
        30,
        300
    )
