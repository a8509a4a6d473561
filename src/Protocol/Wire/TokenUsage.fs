namespace StreamCore.Protocol

/// What a response cost in tokens, counted by the model's own tokenizer.
[<Struct; NoComparison>]
type TokenUsage = {
    PromptTokens: int
    /// Of all choices together, tokens of reasoning included.
    CompletionTokens: int
    /// Prompt tokens whose cache blocks were taken over instead of computed.
    CachedTokens: int
    /// Completion tokens that were reasoning or its markers, and not answer.
    ReasoningTokens: int
} with

    member usage.TotalTokens = usage.PromptTokens + usage.CompletionTokens
