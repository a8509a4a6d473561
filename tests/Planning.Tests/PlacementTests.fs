module StreamCore.Planning.Tests.PlacementTests

open System
open FsCheck
open FsCheck.FSharp
open StreamCore.Scheduler.Planning
open StreamCore.Planning.Tests.PlacementSimulation
open Xunit

let private memberGen =
    gen {
        let! first = Gen.choose (0, 3)
        let! changes = Gen.listOf (Gen.zip (Gen.choose (1, 60)) (Gen.choose (0, 3)))
        let! last = Gen.choose (1, 3)

        let middle =
            changes
            |> List.truncate 4
            |> List.distinctBy fst
            |> List.sortBy fst
            |> List.toArray

        return {
            Capacities = Array.concat [ [| 0, first |]; middle; [| 70, last |] ]
        }
    }

let private generationGen members =
    gen {
        let! at = Gen.choose (0, 40)
        let! key = Gen.choose (0, 3)
        let! can = Gen.nonEmptyListOf (Gen.choose (0, members - 1))
        let! everywhere = Gen.elements [ true; true; false ]
        let! duration = Gen.choose (1, 6)

        let! fails =
            Gen.frequency [ 4, Gen.constant []; 1, Gen.listOf (Gen.choose (0, members - 1)) ]

        return {
            At = at
            Key = key
            CanRun =
                if everywhere then
                    [| 0 .. members - 1 |]
                else
                    can |> List.distinct |> List.toArray
            Duration = duration
            Fails = fails |> List.distinct |> List.toArray
        }
    }

let private historyGen =
    gen {
        let! count = Gen.choose (1, 4)
        let! members = Gen.arrayOfLength count memberGen
        let! generations = Gen.arrayOf (generationGen count)

        return {
            Members = members
            Generations = generations |> Array.sortBy _.At
        }
    }

let private holds (property: History -> Run -> bool) =
    Check.One(
        Config.QuickThrowOnFailure.WithMaxTest 400,
        Prop.forAll (Arb.fromGen historyGen) (fun history -> property history (run history))
    )

/// Where a waiting generation may be placed now, told plainly.
let private placesOf (decision: Decision) waiting =
    let fits = decision.Fits[waiting]

    let isAny fit =
        decision.Members
        |> Array.mapi (fun i each -> fits[i] = fit && each.Capacity > 0)
        |> Array.contains true

    let wanted =
        if isAny MemberFit.Fresh then
            Some MemberFit.Fresh
        elif decision.States[waiting].MayRepeat then
            Some MemberFit.Tried
        else
            None

    [
        for i in 0 .. decision.Members.Length - 1 do
            if
                Some fits[i] = wanted
                && decision.Members[i].Taken < decision.Members[i].Capacity
            then
                i
    ]

[<Fact>]
let ``a member is never given more than its capacity, nor what it cannot run`` () =
    holds (fun history run ->
        run.Decisions
        |> List.forall (fun decision ->
            let chosen = decision.Members[decision.Placing.Member]
            let generation = history.Generations[decision.Waiting[decision.Placing.Waiting]]

            chosen.Taken < chosen.Capacity
            && Array.contains decision.Placing.Member generation.CanRun))

[<Fact>]
let ``everything that comes runs, or has been wherever it could`` () =
    holds (fun history run ->
        run.IsOver
        && run.Lost
           |> Set.forall (fun index ->
               let fails = history.Generations[index].Fails
               run.Runs[index] |> List.forall (fun on -> Array.contains on fails)))

[<Fact>]
let ``no place is left free that somebody could take`` () =
    holds (fun _ run ->
        run.Rests
        |> List.forall (fun rest ->
            seq { 0 .. rest.Waiting.Length - 1 }
            |> Seq.forall (fun i -> List.isEmpty (placesOf rest i))))

[<Fact>]
let ``a generation goes to the least busy of the members it may go to`` () =
    holds (fun _ run ->
        run.Decisions
        |> List.forall (fun decision ->
            let places = placesOf decision decision.Placing.Waiting

            let load i =
                decimal decision.Members[i].Taken / decimal decision.Members[i].Capacity

            let least = places |> List.map load |> List.min
            let equals = places |> List.filter (fun i -> load i = least)

            decision.Placing.Member = (equals |> List.minBy (fun i -> decision.Members[i].LastUsed))))

[<Fact>]
let ``of one key who came first is placed first, of those the place is for`` () =
    holds (fun history run ->
        run.Decisions
        |> List.forall (fun decision ->
            let key i =
                history.Generations[decision.Waiting[i]].Key

            seq { 0 .. decision.Placing.Waiting - 1 }
            |> Seq.forall (fun i -> key i <> key decision.Placing.Waiting || List.isEmpty (placesOf decision i))))

[<Fact>]
let ``those of another key that come later pass a generation at most as often as its own key was ahead of it`` () =
    holds (fun history run ->
        let passed =
            run.Decisions
            |> List.collect (fun decision ->
                let placed = decision.Waiting[decision.Placing.Waiting]

                [
                    for i in 0 .. decision.Waiting.Length - 1 do
                        let other = decision.Waiting[i]

                        if
                            other < placed
                            && history.Generations[other].Key <> history.Generations[placed].Key
                            && List.contains decision.Placing.Member (placesOf decision i)
                            && run.Runs[placed].Length = 1
                        then
                            other, history.Generations[placed].Key
                ])
            |> List.countBy id

        passed |> List.forall (fun ((index, _), times) -> times <= run.Ahead[index]))

[<Fact>]
let ``a member is asked twice only once, and only where no fresh one is in reach`` () =
    holds (fun _ run ->
        let isRight decision =
            let row = decision.Fits[decision.Placing.Waiting]

            row[decision.Placing.Member] = MemberFit.Fresh
            || decision.States[decision.Placing.Waiting].MayRepeat
               && Seq.forall2
                   (fun fit (each: MemberState) -> fit <> MemberFit.Fresh || each.Capacity = 0)
                   row
                   decision.Members

        run.Decisions |> List.forall isRight
        && run.Runs
           |> Array.forall (fun members -> members.Length <= (List.distinct members).Length + 1))

[<Fact>]
let ``keys take turns, however many come of each`` () =
    let generation key = {
        At = 0
        Key = key
        CanRun = [| 0 |]
        Duration = 1
        Fails = [||]
    }

    let history = {
        Members = [| { Capacities = [| 0, 1 |] } |]
        Generations = Array.map generation [| 0; 0; 0; 0; 0; 1; 1; 2 |]
    }

    let order =
        (run history).Decisions
        |> List.map (fun decision -> history.Generations[decision.Waiting[decision.Placing.Waiting]].Key)

    // All came at once: one of each key, as long as there are any.
    Assert.Equal<int list>([ 0; 1; 2; 0; 1; 0; 0; 0 ], order)

[<Fact>]
let ``a key that comes late is on a level with the others`` () =
    let generation at key = {
        At = at
        Key = key
        CanRun = [| 0 |]
        Duration = 1
        Fails = [||]
    }

    let history = {
        Members = [| { Capacities = [| 0, 1 |] } |]
        Generations = Array.concat [ Array.init 6 (fun _ -> generation 0 0); [| generation 3 1; generation 3 1 |] ]
    }

    let order =
        (run history).Decisions
        |> List.map (fun decision -> history.Generations[decision.Waiting[decision.Placing.Waiting]].Key)

    Assert.Equal<int list>([ 0; 0; 0; 0; 1; 0; 1; 0 ], order)

[<Fact>]
let ``prospects`` () =
    let inReach = {
        Capacity = 1
        Taken = 1
        LastUsed = 0L
    }

    let gone = { inReach with Capacity = 0 }

    let prospect (members: MemberState list) (fits: MemberFit list) mayRepeat =
        Placement.Prospect(ReadOnlySpan(Array.ofList members), ReadOnlySpan(Array.ofList fits), mayRepeat)

    Assert.Equal(Prospect.OutOfReach, prospect [] [] true)
    Assert.Equal(Prospect.OutOfReach, prospect [ inReach ] [ MemberFit.Never ] true)
    Assert.Equal(Prospect.OutOfReach, prospect [ gone; gone ] [ MemberFit.Fresh; MemberFit.Tried ] true)
    Assert.Equal(Prospect.InReach, prospect [ gone; inReach ] [ MemberFit.Fresh; MemberFit.Tried ] true)
    Assert.Equal(Prospect.Lost, prospect [ gone; inReach ] [ MemberFit.Fresh; MemberFit.Tried ] false)
    Assert.Equal(Prospect.InReach, prospect [ inReach ] [ MemberFit.Fresh ] false)
