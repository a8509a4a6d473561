namespace StreamCore.Scheduler.Planning

/// What a step may cost.
[<Struct; NoComparison>]
type StepBudget = {
    /// New tokens in one step, decode rows and prefill chunks together.
    MaxTokens: int
    /// Sequences in one step.
    MaxSequences: int
}
