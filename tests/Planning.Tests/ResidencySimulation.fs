/// Runs the plan of residency over a whole history: requests come, wait, use their model and leave; models are loaded and unloaded.
module StreamCore.Planning.Tests.ResidencySimulation

open System
open System.Collections.Generic
open StreamCore.Scheduler.Planning

type Model = {
    Bytes: int64
    LoadTime: int
    UnloadTime: int
    /// How long it stays without a request; `Int32.MaxValue`: for ever.
    KeepAlive: int
    LoadedAtStart: bool
}

type Request = {
    At: int
    Model: int
    Duration: int
    /// How long its client waits for the model.
    Patience: int
}

[<NoComparison>]
type History = {
    Budget: int64
    Models: Model[]
    Requests: Request[]
}

/// What one plan saw and said.
[<NoComparison>]
type Decision = {
    Now: int
    States: ResidentState[]
    Actions: ResidencyAction[]
}

[<NoComparison>]
type Run = {
    Decisions: Decision list
    /// When each request began to use its model; -1: its client left before.
    Began: int[]
    IsOver: bool
}

[<NoComparison; NoEquality>]
type private Live = {
    Model: Model
    mutable Phase: ResidencyPhase
    /// When the loading or unloading is done.
    mutable Until: int
    /// When each use ends.
    Ends: List<int>
    /// Indices of requests, which are their places in line.
    Waiters: List<int>
    mutable LastUsed: int64
    mutable UnusedSince: int
}

let plan (budget: int64) (now: int) (states: ResidentState[]) =
    let actions = Array.zeroCreate<ResidencyAction> states.Length
    Residency.Plan(ReadOnlySpan states, budget, int64 now, Span actions)
    actions

let private state (live: Live) = {
    ResidentState.Bytes = live.Model.Bytes
    Phase = live.Phase
    Users = live.Ends.Count
    FirstWaiter =
        if live.Waiters.Count = 0 then
            Int64.MaxValue
        else
            int64 live.Waiters[0]
    LastUsed = live.LastUsed
    KeptUntil =
        if live.Ends.Count > 0 || live.Model.KeepAlive = Int32.MaxValue then
            Int64.MaxValue
        else
            int64 live.UnusedSince + int64 live.Model.KeepAlive
}

/// A time by which everything is over: every request on its own, with its model loaded and every model unloaded for it.
let horizon (history: History) =
    let changes =
        history.Models |> Array.sumBy (fun model -> model.LoadTime + model.UnloadTime)

    let last = history.Requests |> Array.fold (fun at request -> max at request.At) 0

    last
    + 1
    + (history.Requests |> Array.sumBy (fun request -> request.Duration + changes + 1))

let run (history: History) =
    let lives =
        history.Models
        |> Array.map (fun model -> {
            Model = model
            Phase =
                if model.LoadedAtStart then
                    ResidencyPhase.Loaded
                else
                    ResidencyPhase.Absent
            Until = 0
            Ends = List()
            Waiters = List()
            LastUsed = 0L
            UnusedSince = 0
        })

    let decisions = List<Decision>()
    let began = Array.create history.Requests.Length -1
    let mutable uses = 0L
    let mutable now = 0

    let touch (live: Live) =
        uses <- uses + 1L
        live.LastUsed <- uses
        live.UnusedSince <- now

    let enter (live: Live) (request: int) =
        began[request] <- now
        live.Ends.Add(now + history.Requests[request].Duration)
        touch live

    let admitAll (live: Live) =
        live.Phase <- ResidencyPhase.Loaded
        touch live
        live.Waiters |> Seq.iter (enter live)
        live.Waiters.Clear()

    let carryOut (live: Live) action =
        match action with
        | ResidencyAction.Load ->
            live.Phase <- ResidencyPhase.Loading
            live.Until <- now + live.Model.LoadTime
        | ResidencyAction.Drain -> live.Phase <- ResidencyPhase.Draining
        | ResidencyAction.Resume -> admitAll live
        | ResidencyAction.Unload ->
            live.Phase <- ResidencyPhase.Unloading
            live.Until <- now + live.Model.UnloadTime
        | _ -> ()

    let rec settle () =
        let states = lives |> Array.map state
        let actions = plan history.Budget now states

        decisions.Add {
            Now = now
            States = states
            Actions = actions
        }

        if actions |> Array.exists (fun action -> action <> ResidencyAction.None) then
            Array.iter2 carryOut lives actions
            settle ()

    let arrive (index: int) =
        let live = lives[history.Requests[index].Model]

        if live.Phase = ResidencyPhase.Loaded then
            enter live index
        else
            live.Waiters.Add index

    let isOver () =
        now > (history.Requests |> Array.fold (fun at request -> max at request.At) 0)
        && lives
           |> Array.forall (fun live -> live.Waiters.Count = 0 && live.Ends.Count = 0)

    while not (isOver ()) && now <= horizon history do
        for live in lives do
            if live.Ends.RemoveAll(fun at -> at <= now) > 0 then
                touch live

            live.Waiters.RemoveAll(fun request ->
                history.Requests[request].At + history.Requests[request].Patience < now)
            |> ignore

            if live.Phase = ResidencyPhase.Loading && live.Until <= now then
                admitAll live
            elif live.Phase = ResidencyPhase.Unloading && live.Until <= now then
                live.Phase <- ResidencyPhase.Absent

        settle ()

        for index in 0 .. history.Requests.Length - 1 do
            if history.Requests[index].At = now then
                arrive index
                settle ()

        now <- now + 1

    {
        Decisions = List.ofSeq decisions
        Began = began
        IsOver = isOver ()
    }
