namespace StreamCore.Protocol

open System

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
}
