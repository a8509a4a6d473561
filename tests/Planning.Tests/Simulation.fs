/// Runs the planner over a whole history: generations arrive, are computed, cancelled, preempted, and end.
module StreamCore.Planning.Tests.Simulation

open System
open System.Collections.Generic
open StreamCore.Scheduler.Planning

/// A generation of a history: numbers only.
type Arrival = {
    Step: int
    Prompt: int
    Answer: int
    /// The step at which its client leaves; never when it is over by then.
    LeavesAt: int
    /// Blocks of its beginning that may be lent to it while it waits, as a stored prefix would be.
    Stored: int
    /// Wants the logits of its whole prompt.
    Scores: bool
    /// Waits until the prompt of the one before it is computed.
    Follows: bool
    /// Tokens that are drafted for it before each step.
    Drafts: int
    /// How many of them turn out right at most, by the answer's length.
    Luck: int[]
}

[<NoComparison>]
type History = {
    Budget: StepBudget
    Blocks: int
    Arrivals: Arrival list
}

[<NoComparison; NoEquality>]
type Live = {
    Id: int
    Arrival: Arrival
    mutable Answered: int
    /// Positions of the prompt whose logits were computed.
    mutable Scored: int
    mutable Cached: int
    mutable Held: int
    mutable Resident: bool
    mutable Joined: int list
    mutable EndedAt: int
}

/// What one step saw and did.
[<NoComparison>]
type Record = {
    Slots: SlotState[]
    Ids: int[]
    Free: int
    Runs: PlannedRun[]
    Preempted: int[]
}

[<NoComparison; NoEquality>]
type Run = { Lives: Live[]; Records: Record list }

let private logitsFrom (live: Live) =
    if live.Arrival.Scores && live.Scored < live.Arrival.Prompt then
        live.Scored
    else
        live.Arrival.Prompt + live.Answered - 1

let private waits (lives: Live[]) (live: Live) =
    live.Arrival.Follows
    && live.Id > 0
    && lives[live.Id - 1].Answered = 0
    && lives[live.Id - 1].EndedAt < 0

/// As the step loop drafts: never beyond the last token of the answer.
let private drafts (live: Live) =
    max 0 (min live.Arrival.Drafts (live.Arrival.Answer - live.Answered - 1))

let state (lives: Live[]) (live: Live) : SlotState = {
    Known = live.Arrival.Prompt + live.Answered
    Cached = live.Cached
    LogitsFrom = logitsFrom live
    Drafts = drafts live
    Blocks = live.Held
    Freeable = live.Held
    Resident = live.Resident
    Waits = waits lives live
}

let plan (budget: StepBudget) (slots: SlotState[]) (free: int) =
    let plan = StepPlan(max 1 slots.Length)
    Planner.Plan(ReadOnlySpan slots, budget, free, plan)
    plan.Runs.ToArray(), plan.Preempted.ToArray()

/// Work of a history if everything ran alone, one token a step, twice over for what is computed again: a bound no fair plan passes.
let patience (history: History) =
    let tokens = history.Arrivals |> List.sumBy (fun a -> a.Prompt + a.Answer + 1)
    let last = history.Arrivals |> List.fold (fun at a -> max at a.Step) 0
    last + 1 + tokens * (List.length history.Arrivals + 1)

let private carryOut (budget: StepBudget) (live: Live) (run: PlannedRun) (step: int) =
    if not live.Resident then
        live.Resident <- true
        live.Joined <- step :: live.Joined

    live.Held <- live.Held + run.NewBlocks
    live.Cached <- live.Cached + run.TokenCount - run.DraftCount

    if run.LogitsCount > 0 then
        live.Scored <- max live.Scored (min live.Cached live.Arrival.Prompt)

    if live.Cached = live.Arrival.Prompt + live.Answered then
        let right =
            min run.DraftCount live.Arrival.Luck[live.Answered % live.Arrival.Luck.Length]

        live.Answered <- live.Answered + 1 + right
        live.Cached <- live.Cached + right
        // Blocks of drafts that were wrong are given back.
        live.Held <- min live.Held ((live.Cached + budget.BlockTokens - 1) / budget.BlockTokens)

let private giveUp (live: Live) =
    live.Resident <- false
    live.Cached <- 0
    live.Held <- 0

/// Lends stored blocks to those who may join next, by the rule of the step loop: only to whom nothing else is missing.
let private lend (history: History) (lives: Live[]) (present: Live[]) =
    let budget = history.Budget
    let residents = present |> Array.filter _.Resident |> Array.length
    let mutable places = budget.MaxSequences - residents
    let mutable needed = residents
    let mutable free = history.Blocks - (present |> Array.sumBy _.Held)

    for live in present do
        if not live.Resident && not (waits lives live) && places > 0 then
            let known = live.Arrival.Prompt + live.Answered
            let lent = min (min live.Arrival.Stored free) (logitsFrom live / budget.BlockTokens)
            needed <- needed + (known + budget.BlockTokens - 1) / budget.BlockTokens - lent

            if needed <= free - lent then
                live.Held <- lent
                live.Cached <- lent * budget.BlockTokens
                free <- free - lent
                places <- places - 1
            else
                places <- 0

/// The arrivals in order: the place of each is the id of its generation.
let arrivals (history: History) =
    history.Arrivals |> List.sortBy _.Step |> List.toArray

let run (history: History) =
    let lives =
        arrivals history
        |> Array.mapi (fun id arrival -> {
            Id = id
            Arrival = arrival
            Answered = 0
            Scored = 0
            Cached = 0
            Held = 0
            Resident = false
            Joined = []
            EndedAt = -1
        })

    let records = List<Record>()
    let mutable step = 0
    let isOver live = live.EndedAt >= 0

    while not (Array.forall isOver lives) && step <= patience history do
        for live in lives do
            if not (isOver live) && live.Arrival.LeavesAt <= step then
                giveUp live
                live.EndedAt <- step

        let present =
            lives |> Array.filter (fun l -> not (isOver l) && l.Arrival.Step <= step)

        lend history lives present
        let slots = present |> Array.map (state lives)
        let free = history.Blocks - (present |> Array.sumBy _.Held)
        let runs, preempted = plan history.Budget slots free

        records.Add {
            Slots = slots
            Ids = present |> Array.map _.Id
            Free = free
            Runs = runs
            Preempted = preempted
        }

        for index in preempted do
            giveUp present[index]

        for run in runs do
            let live = present[run.Slot]
            carryOut history.Budget live run step

            if live.Answered = live.Arrival.Answer then
                giveUp live
                live.EndedAt <- step

        for live in present do
            if not live.Resident then
                giveUp live

        step <- step + 1

    {
        Lives = lives
        Records = List.ofSeq records
    }
