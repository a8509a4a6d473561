namespace StreamCore.Protocol

open System

/// A token and how likely the model found it.
[<Struct; NoComparison; NoEquality>]
type TokenScore = {
    /// What it adds to the text, or a special token's spelling. UTF-8 together with its neighbours, not always alone.
    Bytes: ReadOnlyMemory<byte>
    /// The natural logarithm of its probability. Not a number for the first token of a prompt, which nothing foresaw.
    Logprob: float32
}

/// What is told of one token, and of the most probable ones at its place.
[<NoComparison; NoEquality>]
type TokenLogprobs = {
    Token: TokenScore
    /// The most probable first; as many as were asked for.
    Top: TokenScore[]
    /// Characters (Unicode code points) of the choice's text before the token, which text completions tell.
    TextOffset: int
}
