namespace StreamCore.Protocol

open System

/// What makes tokens that were there before less likely. Validated: every field is in its range.
[<NoComparison>]
type PenaltySettings = {
    /// Over tokens of the prompt and the answer: positive logits are divided by it, negative ones multiplied
    /// (Keskar and others: CTRL, arXiv 1909.05858, section 4.1). 0.01 to 10; 1 is off.
    Repetition: float32
    /// Taken from the logit of each token of the answer, once (OpenAI's API reference). -2 to 2; 0 is off.
    Presence: float32
    /// Taken from the logit of each token of the answer, as often as it is there (OpenAI's API reference). -2 to 2; 0 is off.
    Frequency: float32
} with

    static member None = {
        Repetition = 1f
        Presence = 0f
        Frequency = 0f
    }

/// What is added to the logit of one token. Whether the model has it is for the model to say.
[<Struct; NoComparison>]
type TokenBias = {
    Token: int
    /// -100 to 100.
    Bias: float32
}

/// When an answer may and must end, beside its stop strings and the limit of its tokens.
[<NoComparison>]
type EndSettings = {
    /// Tokens that end the answer and are not part of it, beside the model's own. Whether the model has them is for the model to say.
    StopTokens: int[]
    /// No token that ends the answer is drawn before so many others.
    MinTokens: int
    /// The model's own end-of-sequence tokens do not end the answer.
    IgnoreEos: bool
} with

    static member Default = {
        StopTokens = [||]
        MinTokens = 0
        IgnoreEos = false
    }

/// How the next token is drawn from the logits. Validated: every field is in its range.
[<NoComparison>]
type SamplingSettings = {
    /// 0 is greedy; otherwise logits are divided by it. 0 to 2.
    Temperature: float32
    /// Nucleus: the smallest set of tokens whose probabilities reach this sum. Over 0, up to 1; 1 is off.
    TopP: float32
    /// Only the k most probable tokens. 0 is off.
    TopK: int
    /// Only tokens at least this share as probable as the most probable one. 0 to 1; 0 is off.
    MinP: float32
    /// Fixes the random stream. When absent, one is drawn at admission.
    Seed: Nullable<int64>
    /// Locally typical: the smallest set of tokens nearest to the expected surprise whose probabilities reach this sum
    /// (Meister and others, arXiv 2202.00666). Over 0, up to 1; 1 is off.
    TypicalP: float32
    Penalties: PenaltySettings
    /// No token twice.
    Bias: TokenBias[]
    Ends: EndSettings
    /// The spellings of special tokens are part of the text.
    ShowsSpecialTokens: bool
} with

    /// What a request gets that says nothing.
    static member Default = {
        Temperature = 1f
        TopP = 1f
        TopK = 0
        MinP = 0f
        Seed = Nullable()
        TypicalP = 1f
        Penalties = PenaltySettings.None
        Bias = [||]
        Ends = EndSettings.Default
        ShowsSpecialTokens = false
    }
