namespace StreamCore.Protocol

open System

/// One prompt of a completion request: a text or its tokens, never both and never neither.
[<NoComparison>]
type CompletionPrompt = {
    Text: string | null
    /// At least one. Whether the model has them is for the model to say.
    Tokens: int[] | null
}

/// A completion request with every default filled in. Nothing in it needs checking again, but for what only the model
/// knows: its name, its tokens and the length of its context.
[<NoComparison>]
type CompletionRequest = {
    Model: string
    /// At least one. Each is a generation of its own, and its place is the index of its choice.
    Prompts: CompletionPrompt[]
    Sampling: SamplingSettings
    /// Most tokens of each answer. 0 only with `Echo`: the prompt, and no answer.
    MaxTokens: int
    /// No empty ones.
    Stop: string[]
    /// How many answers to each prompt.
    N: int
    /// How many are made for each prompt, of which the `N` likeliest are given: at least `N`.
    BestOf: int
    /// Logprobs are told of each token, with so many of the most probable ones at its place. Absent: none.
    TopLogprobs: Nullable<int>
    /// The prompt is given back before each answer.
    Echo: bool
    /// What follows the answer: the model fills the gap. Never with `Echo`.
    Suffix: string | null
    Stream: bool
    /// Whether the stream ends with a chunk of usage. Never without `Stream`.
    IncludeUsage: bool
    /// The client's name for its own user.
    User: string | null
    /// Cache is shared only with requests of the same salt; null is one too.
    CacheSalt: string | null
}

/// One finished answer of a completion response.
[<NoComparison; NoEquality>]
type CompletionChoice = {
    /// UTF-8.
    Text: ReadOnlyMemory<byte>
    FinishReason: FinishReason
    /// Null where none were asked for.
    Logprobs: TokenLogprobs[] | null
}
