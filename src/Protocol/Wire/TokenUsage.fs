namespace StreamCore.Protocol

/// What a response cost in tokens, counted by the model's own tokenizer where the server has it.
[<Struct; NoComparison>]
type TokenUsage = {
    PromptTokens: int
    /// Of all choices together, tokens of reasoning included.
    CompletionTokens: int
    /// Prompt tokens whose cache blocks were taken over instead of computed.
    CachedTokens: int
    /// Completion tokens that were reasoning or its markers, and not answer.
    ReasoningTokens: int
    /// The counts are the server's guesses: what runs the model does not tell them.
    IsEstimated: bool
} with

    member usage.TotalTokens = usage.PromptTokens + usage.CompletionTokens
