namespace StreamCore.Protocol.Grammar

/// Why something cannot be compiled; `GrammarApi` turns it into an `ApiError`. `Place` is the path inside a schema.
[<Sealed>]
type internal GrammarFault(place: string[], reason: string) =
    inherit exn(reason)

    member _.Place = place
    member _.Reason = reason

    static member Stop(place: string[], reason: string) : 'T = raise (GrammarFault(place, reason))
    static member Stop(reason: string) : 'T = raise (GrammarFault([||], reason))

/// What is left of the limits while one grammar is compiled.
[<Sealed>]
type internal Budget(limits: GrammarLimits) =
    let mutable work = int64 limits.MaxWork
    let mutable states = limits.MaxStates

    member _.MaxNesting = limits.MaxNesting

    /// So many steps more.
    member _.Work(count: int64) =
        work <- work - count

        if work < 0L then
            GrammarFault.Stop "it takes more work to compile than this server allows"

    member budget.Work(count: int) = budget.Work(int64 count)

    /// Each of so many is compared with each of so many others, eight comparisons a step.
    member budget.Compare(left: int, right: int) =
        budget.Work(int64 left * int64 right / 8L + 1L)

    /// So many states of a finished rule more.
    member _.Keep(count: int) =
        states <- states - count

        if states < 0 then
            GrammarFault.Stop "it needs more states than this server allows"

    /// An automaton that is being made has so many states; each has a row of 256 to fill.
    member budget.Grow(count: int) =
        budget.Work 256

        if count > limits.MaxStates then
            GrammarFault.Stop "it needs more states than this server allows"
