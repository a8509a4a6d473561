namespace StreamCore.Protocol.Grammar

/// A grammar as flat tables: an automaton for each rule, which reads bytes, calls rules, and returns. Whoever walks them keeps
/// the states to return to. Every state leads to an end within its `Needs`; immutable, and safe for many threads.
[<NoComparison; NoEquality>]
type GrammarTables = {
    /// The class of each byte; bytes of one class are alike everywhere.
    Classes: byte[]
    ClassCount: int
    /// The next state by state and class: `state * ClassCount + class`. -1 is none.
    Next: int[]
    /// By state and class: whether a byte of the class may come next within the rule, read by it or by a rule it calls.
    Begins: bool[]
    /// Whether the rule may end here.
    Accepts: bool[]
    /// Whether a state does nothing but read bytes: it calls nothing, ends nothing, and is not the one that counts characters.
    IsPlain: bool[]
    /// How many more calls must be open at once, at least, to end the rule from here.
    Needs: byte[]
    /// The calls of a state are those from its offset up to the next state's.
    CallOffsets: int[]
    /// Where the called rule begins.
    CallTargets: int[]
    /// Where to go on after it.
    CallReturns: int[]
    /// For a call of the rule of strings: the least and the most characters.
    CallMinimums: int[]
    CallMaximums: int[]
    Start: int
    /// The states of the rule of strings come first, so many, and are the same in every grammar. At state 0 a character begins
    /// or the closing quotation mark comes.
    TextStateCount: int
    /// Calls that may be open at once.
    MaxNesting: int
    /// The bytes that texts of this grammar may contain, as a set of 256.
    Bytes: bool[]
} with

    member tables.StateCount = tables.Accepts.Length
