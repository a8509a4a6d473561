namespace StreamCore.Protocol.Grammar

/// How much one grammar may take. What needs more is refused.
[<NoComparison>]
type GrammarLimits = {
    /// States of the automaton, all rules together. Default 16,384: some 5 MB of tables at most.
    MaxStates: int
    /// Steps of the compiler, most of them below 0.1 µs. Default 5,000,000, about half a second; usual schemas take milliseconds.
    MaxWork: int
    /// Rules of a grammar that are open at once: how deep recursive values may nest. Default 48.
    MaxNesting: int
} with

    static member Default = {
        MaxStates = 16384
        MaxWork = 5_000_000
        MaxNesting = 48
    }
