module StreamCore.Planning.Tests.ResidencyTests

open System
open FsCheck
open FsCheck.FSharp
open Xunit
open StreamCore.Scheduler.Planning
open StreamCore.Planning.Tests.ResidencySimulation

let private forEver = Int32.MaxValue

let private model (budget: int) (bytes: Gen<int>) =
    gen {
        let! bytes = bytes
        let! load = Gen.choose (0, 6)
        let! unload = Gen.choose (0, 3)
        let! keep = Gen.frequency [ 2, Gen.constant forEver; 1, Gen.choose (0, 12) ]

        return {
            Bytes = int64 (min bytes budget)
            LoadTime = load
            UnloadTime = unload
            KeepAlive = keep
            LoadedAtStart = false
        }
    }

let private request (models: int) =
    gen {
        let! at = Gen.choose (0, 60)
        let! model = Gen.choose (0, models - 1)
        let! duration = Gen.frequency [ 3, Gen.choose (1, 6); 1, Gen.choose (1, 30) ]
        let! patience = Gen.frequency [ 4, Gen.constant 1_000_000; 1, Gen.choose (0, 8) ]

        return {
            At = at
            Model = model
            Duration = duration
            Patience = patience
        }
    }

/// Loads at start as many as fit.
let private startLoaded (budget: int) (models: Model list) =
    (([], int64 budget), models)
    ||> List.fold (fun (done', left) model ->
        let fits = model.Bytes <= left && model.LoadTime % 2 = 0
        { model with LoadedAtStart = fits } :: done', (if fits then left - model.Bytes else left))
    |> fst

let private history (bytes: Gen<int>) =
    gen {
        let! budget = Gen.choose (10, 24)
        let! count = Gen.choose (1, 6)
        let! models = Gen.listOfLength count (model budget bytes)

        let! requests =
            Gen.choose (1, 40) |> Gen.bind (fun n -> Gen.listOfLength n (request count))

        return {
            Budget = int64 budget
            Models = models |> startLoaded budget |> List.toArray
            Requests = requests |> List.sortBy _.At |> List.toArray
        }
    }

let private checkOf bytes (name: string) (property: History -> bool) =
    let config = Config.QuickThrowOnFailure.WithMaxTest(1000).WithName name
    Check.One(config, Prop.forAll (Arb.fromGen (history bytes)) property)

let private check = checkOf (Gen.choose (1, 24))

let private checkDecisions name (property: History -> Decision -> bool) =
    check name (fun history -> (run history).Decisions |> List.forall (property history))

let private sum (decision: Decision) (which: ResidentState -> ResidencyAction -> bool) =
    Array.zip decision.States decision.Actions
    |> Array.sumBy (fun (state, action) -> if which state action then state.Bytes else 0L)

let private isExpired (decision: Decision) (state: ResidentState) =
    state.KeptUntil <= int64 decision.Now && not state.IsWaitedFor

[<Fact>]
let ``Models in memory never take more than the budget`` () =
    checkDecisions "budget" (fun history decision ->
        let taken =
            sum decision (fun state action -> state.IsPresent || action = ResidencyAction.Load)

        taken <= history.Budget)

[<Fact>]
let ``A model that is used is never unloaded, and only a used one drains`` () =
    checkDecisions "busy" (fun _ decision ->
        Array.forall2
            (fun state action ->
                match action with
                | ResidencyAction.Unload -> state.Users = 0 && state.IsEvictable
                | ResidencyAction.Drain -> state.Users > 0 && state.Phase = ResidencyPhase.Loaded
                | ResidencyAction.Resume -> state.Phase = ResidencyPhase.Draining
                | ResidencyAction.Load -> state.Phase = ResidencyPhase.Absent && state.IsWaitedFor
                | _ -> true)
            decision.States
            decision.Actions)

[<Fact>]
let ``Nobody overtakes in the line of those who wait`` () =
    checkDecisions "order" (fun _ decision ->
        let passed =
            Array.zip decision.States decision.Actions
            |> Array.filter (fun (state, action) ->
                state.IsWaitedFor
                && state.Phase <> ResidencyPhase.Loading
                && action <> ResidencyAction.Load)
            |> Array.map (fun (state, _) -> state.FirstWaiter)

        Array.forall2
            (fun state action ->
                action <> ResidencyAction.Load
                || passed |> Array.forall (fun place -> state.FirstWaiter < place))
            decision.States
            decision.Actions)

[<Fact>]
let ``Of models of one size the least recently used are unloaded`` () =
    checkOf (Gen.constant 5) "least recently used" (fun history ->
        (run history).Decisions
        |> List.forall (fun decision ->
            let unused =
                Array.zip decision.States decision.Actions
                |> Array.filter (fun (state, _) ->
                    state.IsEvictable && state.Users = 0 && not (isExpired decision state))

            unused
            |> Array.forall (fun (gone, action) ->
                action <> ResidencyAction.Unload
                || unused
                   |> Array.forall (fun (stays, action) ->
                       action = ResidencyAction.Unload || stays.LastUsed >= gone.LastUsed))))

[<Fact>]
let ``Nothing is unloaded or drained in vain`` () =
    checkDecisions "no more than needed" (fun history decision ->
        let chosen =
            Array.zip decision.States decision.Actions
            |> Array.filter (fun (state, action) ->
                (action = ResidencyAction.Unload && not (isExpired decision state))
                || action = ResidencyAction.Drain
                || (state.Phase = ResidencyPhase.Draining && action = ResidencyAction.None))

        let next =
            Array.zip decision.States decision.Actions
            |> Array.filter (fun (state, action) ->
                state.IsWaitedFor
                && state.Phase <> ResidencyPhase.Loading
                && action <> ResidencyAction.Load)
            |> Array.map fst

        let isToMakeRoom =
            next.Length > 0
            && (next |> Array.minBy _.FirstWaiter).Phase = ResidencyPhase.Absent

        if chosen.Length = 0 || not isToMakeRoom then
            true
        else
            let head = next |> Array.minBy _.FirstWaiter

            let left =
                sum decision (fun state action -> state.IsPresent || action = ResidencyAction.Load)
                - sum decision (fun state action ->
                    state.Phase = ResidencyPhase.Unloading
                    || (action = ResidencyAction.Unload && isExpired decision state))
                - (chosen |> Array.sumBy (fun (state, _) -> state.Bytes))

            chosen
            |> Array.forall (fun (state, _) -> left + state.Bytes + head.Bytes > history.Budget))

[<Fact>]
let ``Every request whose client waits is served, in bounded time`` () =
    check "ends" (fun history ->
        let run = run history

        run.IsOver
        && Array.forall2
            (fun (request: Request) began -> began >= 0 || request.Patience < 1_000_000)
            history.Requests
            run.Began)

[<Fact>]
let ``A model whose keep-alive has ended is unloaded, and not before`` () =
    checkDecisions "keep-alive" (fun _ decision ->
        let isRoomWanted = decision.States |> Array.exists (fun state -> state.IsWaitedFor)

        Array.forall2
            (fun (state: ResidentState) action ->
                let isDue = state.IsEvictable && state.Users = 0 && isExpired decision state

                if isDue then
                    action = ResidencyAction.Unload
                else
                    isRoomWanted || action <> ResidencyAction.Unload)
            decision.States
            decision.Actions)

[<Fact>]
let ``A stream of requests to a used model does not keep another's waiting`` () =
    let model = {
        Bytes = 10L
        LoadTime = 3
        UnloadTime = 2
        KeepAlive = forEver
        LoadedAtStart = true
    }

    let request at model = {
        At = at
        Model = model
        Duration = 5
        Patience = 1_000_000
    }

    let stream = [| for at in 0..200 -> request at 0 |]

    let requests = [ yield! stream; request 20 1 ] |> List.sortBy _.At |> List.toArray

    let run =
        run {
            Budget = 10L
            Models = [| model; { model with LoadedAtStart = false } |]
            Requests = requests
        }

    // Those that ran end by 25, unloading takes until 27, loading until 30.
    let other = requests |> Array.findIndex (fun request -> request.Model = 1)
    Assert.Equal(30, run.Began[other])
    Assert.True run.IsOver

[<Fact>]
let ``Without a budget and keep-alive nothing is ever unloaded or waits for room`` () =
    check "no budget" (fun history ->
        let models =
            history.Models |> Array.map (fun model -> { model with KeepAlive = forEver })

        (run {
            history with
                Budget = Int64.MaxValue
                Models = models
        })
            .Decisions
        |> List.forall (fun decision ->
            decision.Actions
            |> Array.forall (fun action -> action = ResidencyAction.None || action = ResidencyAction.Load)))
