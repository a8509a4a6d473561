namespace StreamCore.Protocol.Grammar

open System.Collections.Generic

/// An edge that one of these bytes takes.
[<Struct; NoComparison>]
type internal ByteEdge = { Low: int; High: int; Target: int }

/// An edge that a whole text of another rule takes.
[<Struct; NoComparison>]
type internal CallEdge = { Symbol: int; Return: int }

/// An automaton in the making. Builders take the state where something begins and give the state where it ends.
[<Sealed>]
type internal Nfa(budget: Budget) =
    let silent = ResizeArray<ResizeArray<int>>()
    let bytes = ResizeArray<ResizeArray<ByteEdge>>()
    let calls = ResizeArray<ResizeArray<CallEdge>>()

    let start = 0

    do
        silent.Add(ResizeArray 0)
        bytes.Add(ResizeArray 0)
        calls.Add(ResizeArray 0)

    member _.Budget = budget
    member _.Start = start
    member _.Silent(state: int) = silent[state]
    member _.Bytes(state: int) = bytes[state]
    member _.Calls(state: int) = calls[state]

    member _.New() =
        budget.Work 16
        silent.Add(ResizeArray 0)
        bytes.Add(ResizeArray 0)
        calls.Add(ResizeArray 0)
        silent.Count - 1

    member _.Join(from: int, target: int) = silent[from].Add target

    member _.Edge(from: int, low: int, high: int, target: int) =
        bytes[from].Add {
            Low = low
            High = high
            Target = target
        }

    member _.CallTo(from: int, symbol: int, target: int) =
        calls[from].Add { Symbol = symbol; Return = target }

/// What automata are put together from.
[<RequireQualifiedAccess>]
module internal Fragment =
    /// From here to where it ends.
    type Part = Nfa -> int -> int

    let byte (value: byte) : Part =
        fun nfa from ->
            let target = nfa.New()
            nfa.Edge(from, int value, int value, target)
            target

    let literal (value: byte[]) : Part =
        fun nfa from ->
            let mutable at = from

            for one in value do
                at <- byte one nfa at

            at

    let ascii (value: string) : Part =
        literal (System.Text.Encoding.ASCII.GetBytes value)

    let call (symbol: int) : Part =
        fun nfa from ->
            let target = nfa.New()
            nfa.CallTo(from, symbol, target)
            target

    let nothing: Part = fun _ from -> from

    let sequence (parts: Part[]) : Part =
        fun nfa from ->
            let mutable at = from

            for part in parts do
                at <- part nfa at

            at

    let choice (parts: Part[]) : Part =
        fun nfa from ->
            let target = nfa.New()

            for part in parts do
                let branch = nfa.New()
                nfa.Join(from, branch)
                nfa.Join(part nfa branch, target)

            target

    let optional (part: Part) : Part =
        fun nfa from ->
            let target = nfa.New()
            let branch = nfa.New()
            nfa.Join(from, target)
            nfa.Join(from, branch)
            nfa.Join(part nfa branch, target)
            target

    let star (part: Part) : Part =
        fun nfa from ->
            let hub = nfa.New()
            let inside = nfa.New()
            let target = nfa.New()
            nfa.Join(from, hub)
            nfa.Join(hub, inside)
            nfa.Join(hub, target)
            nfa.Join(part nfa inside, hub)
            target

    /// At least `minimum` and at most `maximum` times; a maximum below zero is none.
    let repeat minimum maximum (part: Part) : Part =
        fun nfa from ->
            let mutable at = from

            for _ in 1..minimum do
                nfa.Budget.Work 1
                at <- part nfa at

            if maximum < 0 then
                star part nfa at
            else
                let target = nfa.New()
                nfa.Join(at, target)

                for _ in minimum + 1 .. maximum do
                    nfa.Budget.Work 1
                    at <- part nfa at
                    nfa.Join(at, target)

                target

/// Compares sets of states.
[<Sealed>]
type internal StateSets() =
    interface IEqualityComparer<int[]> with
        member _.Equals(left, right) =
            System.MemoryExtensions.SequenceEqual(System.ReadOnlySpan left, System.ReadOnlySpan right)

        member _.GetHashCode set =
            let mutable hash = System.HashCode()

            for state in set do
                hash.Add state

            hash.ToHashCode()
