using System.ComponentModel.DataAnnotations;

namespace StreamCore.Scheduler;

/// <summary>
/// Prompt lookup: where the last tokens of a sequence were there before, what followed then is taken for a guess of what follows now, and
/// verified in the step. Answers that repeat parts of the prompt or of themselves (edits, quotations, code, JSON) come in fewer steps.
/// </summary>
public sealed class SpeculationOptions
{
    /// <summary>
    /// Tokens guessed for one sequence in one step, at most; 0 guesses none. Default 8: how many are guessed follows from how many were
    /// right, and of more the last are seldom right.
    /// </summary>
    [Range(0, 128)]
    public int MaxDraftTokens { get; set; } = 8;

    /// <summary>
    /// New tokens in one step up to which guesses are added. Default 16: on CPUs a row costs a step's worth once there are many, so beyond
    /// it a wrong guess slows everybody more than a right one gains (measured, see <c>load-tests</c>: 8 rows take 1.7 times as long as one, 32 take 4.7 times).
    /// GPUs have room for more.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxStepTokens { get; set; } = 16;
}
