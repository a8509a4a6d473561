namespace StreamCore.Protocol

open System

/// A request for the tokens of a text.
[<NoComparison>]
type TokenizeRequest = {
    /// Absent: the only model there is.
    Model: string | null
    Text: string
    /// The token that begins every text is put before it, where the model has one.
    AddsSpecial: bool
    /// Each token comes with its text.
    WithPieces: bool
}

/// A request for the text of tokens.
[<NoComparison>]
type DetokenizeRequest = {
    /// Absent: the only model there is.
    Model: string | null
    /// Whether the model has them is for the model to say.
    Tokens: int[]
}

/// A token and what it adds to a text.
[<Struct; NoComparison; NoEquality>]
type TokenPiece = {
    Token: int
    Bytes: ReadOnlyMemory<byte>
}
