using System.ComponentModel.DataAnnotations;

namespace StreamCore.Scheduler;

/// <summary>
/// Speculative decoding by prompt lookup: where the last tokens of a sequence were there before, what followed then is drafted for what follows
/// now, and verified in the step. Answers that repeat parts of the prompt or of themselves (edits, quotations, code, JSON) come in fewer steps.
/// </summary>
public sealed class SpeculationOptions
{
    /// <summary>
    /// Tokens drafted for one sequence in one step, at most; 0 drafts none. Default 8, half of <see cref="MaxStepTokens"/>, so
    /// that it is not one sequence's alone; how many it is follows from how many were right before.
    /// </summary>
    [Range(0, 128)]
    public int MaxDraftTokens { get; set; } = 8;

    /// <summary>
    /// New tokens in one step up to which drafts are added. Default 16: with few rows one more is cheap, with many it is not (8 take 1.7 times
    /// as long as one and 32 take 4.7 times, by the measurements in <c>load-tests</c>), and a draft that is wrong then slows everybody.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxStepTokens { get; set; } = 16;
}
