/// Runs placement over a whole history: generations come, wait, run on members that come and go, fail and go on.
module StreamCore.Planning.Tests.PlacementSimulation

open System
open System.Collections.Generic
open StreamCore.Scheduler.Planning

type Member = {
    /// Its capacity from each of these times on; sorted, the first from 0. The last is above 0.
    Capacities: (int * int)[]
}

type Generation = {
    At: int
    Key: int
    /// Indices of the members that can run it.
    CanRun: int[]
    Duration: int
    /// The members that fail at it, at the end of its duration.
    Fails: int[]
}

[<NoComparison>]
type History = {
    Members: Member[]
    Generations: Generation[]
}

/// A generation that was given a place, and what there was to decide.
[<NoComparison>]
type Decision = {
    Now: int
    Members: MemberState[]
    /// Index of each waiting generation in the history, in order of arrival.
    Waiting: int[]
    States: WaitingState[]
    Fits: MemberFit[][]
    Placing: Placing
}

[<NoComparison>]
type Run = {
    Decisions: Decision list
    /// What was left when nobody could be placed any more, at each time.
    Rests: Decision list
    /// The members each generation ran on, in order.
    Runs: int list[]
    /// Generations of its key that waited when each came.
    Ahead: int[]
    /// Those that went where they could and failed everywhere.
    Lost: Set<int>
    IsOver: bool
}

let capacity (``member``: Member) now =
    ``member``.Capacities |> Array.findBack (fun (from, _) -> from <= now) |> snd

/// A time by which everything is over: one after the other, each as often as there are members and once more, after the last change.
let horizon (history: History) =
    let changes =
        history.Members
        |> Array.map (fun each -> each.Capacities |> Array.last |> fst)
        |> Array.max

    let last =
        history.Generations |> Array.fold (fun at generation -> max at generation.At) 0

    let work =
        history.Generations
        |> Array.sumBy (fun generation -> (generation.Duration + 1) * (history.Members.Length + 1))

    max changes last + work + 1

[<NoComparison; NoEquality>]
type private Slot = {
    Index: int
    Turn: int64
    mutable Tried: int list
    mutable HasRepeated: bool
    /// Where it runs, and until when; -1: it waits.
    mutable On: int
    mutable Until: int
}

let run (history: History) =
    let slots = List<Slot>()
    let taken = Array.zeroCreate<int> history.Members.Length
    let lastUsed = Array.zeroCreate<int64> history.Members.Length
    let decisions = List<Decision>()
    let rests = List<Decision>()
    let runs = Array.create history.Generations.Length []
    let ahead = Array.zeroCreate<int> history.Generations.Length
    let mutable lost = Set.empty
    let mutable over = 0
    let mutable served = 0L
    let mutable uses = 0L
    let mutable now = 0

    let arrive index =
        let key = history.Generations[index].Key

        let own =
            slots
            |> Seq.filter (fun slot -> slot.On < 0 && history.Generations[slot.Index].Key = key)
            |> Seq.toArray

        let last = own |> Array.fold (fun turn slot -> max turn slot.Turn) 0L
        ahead[index] <- own.Length

        slots.Add {
            Index = index
            Turn = Placement.Turn(served, last)
            Tried = []
            HasRepeated = false
            On = -1
            Until = 0
        }

    let finish (slot: Slot) =
        slots.Remove slot |> ignore
        over <- over + 1

    let leave (slot: Slot) =
        let generation = history.Generations[slot.Index]
        taken[slot.On] <- taken[slot.On] - 1

        if Array.contains slot.On generation.Fails then
            slot.Tried <- slot.On :: slot.Tried
            slot.On <- -1
        else
            finish slot

    let fits (slot: Slot) =
        Array.init history.Members.Length (fun i ->
            if not (Array.contains i history.Generations[slot.Index].CanRun) then
                MemberFit.Never
            elif List.contains i slot.Tried then
                MemberFit.Tried
            else
                MemberFit.Fresh)

    let decide () =
        let waiting = slots |> Seq.filter (fun slot -> slot.On < 0) |> Seq.toArray

        let members =
            history.Members
            |> Array.mapi (fun i each -> {
                Capacity = capacity each now
                Taken = taken[i]
                LastUsed = lastUsed[i]
            })

        let states =
            waiting
            |> Array.map (fun slot -> {
                Turn = slot.Turn
                MayRepeat = not slot.HasRepeated
            })

        let rows = waiting |> Array.map fits

        waiting,
        {
            Now = now
            Members = members
            Waiting = waiting |> Array.map _.Index
            States = states
            Fits = rows
            Placing = Placement.Next(ReadOnlySpan members, ReadOnlySpan states, ReadOnlySpan(Array.concat rows))
        }

    let rec place () =
        let waiting, decision = decide ()

        if decision.Placing.IsNone then
            rests.Add decision

            waiting
            |> Array.iteri (fun i slot ->
                let prospect =
                    Placement.Prospect(
                        ReadOnlySpan decision.Members,
                        ReadOnlySpan decision.Fits[i],
                        decision.States[i].MayRepeat
                    )

                if prospect = Prospect.Lost then
                    lost <- lost.Add slot.Index
                    finish slot)
        else
            decisions.Add decision
            let slot = waiting[decision.Placing.Waiting]
            let target = decision.Placing.Member
            slot.HasRepeated <- slot.HasRepeated || List.contains target slot.Tried
            slot.On <- target
            slot.Until <- now + history.Generations[slot.Index].Duration
            runs[slot.Index] <- runs[slot.Index] @ [ target ]
            served <- max served slot.Turn
            taken[target] <- taken[target] + 1
            uses <- uses + 1L
            lastUsed[target] <- uses
            place ()

    let stop = horizon history

    while now <= stop && over < history.Generations.Length do
        slots.ToArray()
        |> Array.filter (fun slot -> slot.On >= 0 && slot.Until = now)
        |> Array.iter leave

        history.Generations
        |> Array.iteri (fun i generation ->
            if generation.At = now then
                arrive i)

        place ()
        now <- now + 1

    {
        Decisions = List.ofSeq decisions
        Rests = List.ofSeq rests
        Runs = runs
        Ahead = ahead
        Lost = lost
        IsOver = over = history.Generations.Length
    }
