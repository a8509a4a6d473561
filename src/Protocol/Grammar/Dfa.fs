namespace StreamCore.Protocol.Grammar

open System
open System.Collections.Generic

/// A deterministic automaton; state 0 is where it begins. Calls are symbols like bytes: one target for each rule called.
[<NoComparison; NoEquality>]
type internal Dfa = {
    /// 256 targets for each state; -1 is none.
    Next: int[]
    Accepts: bool[]
    Calls: CallEdge[][]
} with

    member dfa.Count = dfa.Accepts.Length

[<RequireQualifiedAccess>]
module internal Dfa =
    /// The states reachable without a byte, in order and each once.
    let private closure (nfa: Nfa) (seeds: seq<int>) =
        let seen = HashSet<int>()
        let waiting = Stack<int>()

        for seed in seeds do
            if seen.Add seed then
                waiting.Push seed

        while waiting.Count > 0 do
            nfa.Budget.Work 1

            for target in nfa.Silent(waiting.Pop()) do
                if seen.Add target then
                    waiting.Push target

        // States that only lead on are left out, so that equal sets look equal.
        let set =
            seen
            |> Seq.filter (fun state ->
                nfa.Bytes(state).Count > 0
                || nfa.Calls(state).Count > 0
                || nfa.Silent(state).Count = 0)
            |> Seq.toArray

        Array.sortInPlace set
        set

    /// The edges of a set cut where any of them begins or ends: (first byte, last byte, targets).
    let private pieces (nfa: Nfa) (set: int[]) =
        let edges = set |> Array.collect (fun state -> nfa.Bytes(state).ToArray())
        let cuts = SortedSet<int>()

        for edge in edges do
            cuts.Add edge.Low |> ignore
            cuts.Add(edge.High + 1) |> ignore

        let cuts = Seq.toArray cuts
        nfa.Budget.Work(edges.Length * (cuts.Length + 8) / 8 + 1)

        [|
            for index in 0 .. cuts.Length - 2 do
                let low = cuts[index]

                let targets = [|
                    for edge in edges do
                        if edge.Low <= low && low <= edge.High then
                            edge.Target
                |]

                nfa.Budget.Work targets.Length

                if targets.Length > 0 then
                    struct (low, cuts[index + 1] - 1, targets)
        |]

    let private callsOf (nfa: Nfa) (set: int[]) =
        set
        |> Array.collect (fun state -> nfa.Calls(state).ToArray())
        |> Array.groupBy _.Symbol

    /// The subset construction.
    let ofNfa (nfa: Nfa) (final: int) =
        let known = Dictionary<int[], int>(StateSets())
        let sets = ResizeArray<int[]>()
        let next = ResizeArray<int>()
        let calls = ResizeArray<CallEdge[]>()

        let intern (seeds: seq<int>) =
            let set = closure nfa seeds
            let mutable id = 0

            if not (known.TryGetValue(set, &id)) then
                id <- sets.Count
                nfa.Budget.Grow(id + 1)
                known.Add(set, id)
                sets.Add set

            id

        intern [ nfa.Start ] |> ignore
        let mutable at = 0

        while at < sets.Count do
            let row = Array.create 256 -1

            for low, high, targets in pieces nfa sets[at] do
                Array.fill row low (high - low + 1) (intern targets)

            next.AddRange row

            calls.Add(
                callsOf nfa sets[at]
                |> Array.map (fun (symbol, edges) -> {
                    Symbol = symbol
                    Return = intern (edges |> Seq.map _.Return)
                })
            )

            at <- at + 1

        {
            Next = next.ToArray()
            Accepts = sets.ToArray() |> Array.map (fun set -> Array.BinarySearch(set, final) >= 0)
            Calls = calls.ToArray()
        }

    let ofPart budget (part: Fragment.Part) =
        let nfa = Nfa budget
        let final = nfa.New()
        nfa.Join(part nfa nfa.Start, final)
        ofNfa nfa final

    /// The automaton put into another.
    let toPart (dfa: Dfa) : Fragment.Part =
        fun nfa from ->
            let states = Array.init dfa.Count (fun _ -> nfa.New())
            let target = nfa.New()
            nfa.Join(from, states[0])

            for state in 0 .. dfa.Count - 1 do
                if dfa.Accepts[state] then
                    nfa.Join(states[state], target)

                let mutable low = 0

                while low < 256 do
                    let it = dfa.Next[state * 256 + low]
                    let mutable high = low

                    while high < 255 && dfa.Next[state * 256 + high + 1] = it do
                        high <- high + 1

                    if it >= 0 then
                        nfa.Edge(states[state], low, high, states[it])

                    low <- high + 1

            target

    /// Both read the same bytes. Texts are kept that the left accepts and of which `keep` says so of the right.
    let private product (budget: Budget) keep mayStopRight (left: Dfa) (right: Dfa) =
        let known = Dictionary<struct (int * int), int>()
        let pairs = ResizeArray<struct (int * int)>()
        let next = ResizeArray<int>()

        let intern pair =
            let mutable id = 0

            if not (known.TryGetValue(pair, &id)) then
                id <- pairs.Count
                budget.Grow(id + 1)
                known.Add(pair, id)
                pairs.Add pair

            id

        intern (struct (0, 0)) |> ignore
        let mutable at = 0

        while at < pairs.Count do
            let struct (a, b) = pairs[at]

            for value in 0..255 do
                let nextA = left.Next[a * 256 + value]
                let nextB = if b < 0 then -1 else right.Next[b * 256 + value]

                if nextA < 0 || (nextB < 0 && not mayStopRight) then
                    next.Add -1
                else
                    next.Add(intern (struct (nextA, nextB)))

            at <- at + 1

        {
            Next = next.ToArray()
            Accepts =
                pairs.ToArray()
                |> Array.map (fun (struct (a, b)) -> left.Accepts[a] && keep (b >= 0 && right.Accepts[b]))
            Calls = Array.create pairs.Count [||]
        }

    let both budget left right = product budget id false left right

    /// What the left accepts and the right does not.
    let without budget left right = product budget not true left right

    /// Whether it accepts any text at all.
    let isEmpty (dfa: Dfa) = not (Array.contains true dfa.Accepts)

    let accepts (dfa: Dfa) (text: byte[]) =
        let mutable state = 0

        for value in text do
            if state >= 0 then
                state <- dfa.Next[state * 256 + int value]

        state >= 0 && dfa.Accepts[state]
