using System.ComponentModel.DataAnnotations;

namespace StreamCore.Scheduler;

/// <summary>How much one engine instance takes on. Read once, when its scheduler is made.</summary>
public sealed class SchedulerOptions
{
    /// <summary>
    /// Generations that may wait beside those that may run; one more is refused. Default 256: at 64 running it is four rounds of
    /// work, and whoever would wait longer is better told at once.
    /// </summary>
    [Range(0, 1_000_000)]
    public int QueueCapacity { get; set; } = 256;

    /// <summary>
    /// Generations that run at a time. Default 64: on CPUs the throughput of a step grows little beyond 32 rows, while every row
    /// more slows the others. The engine's rows of logits and <see cref="StepTokens"/> are limits too.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxRunningSequences { get; set; } = 64;

    /// <summary>
    /// New tokens in one step, decode rows and prompt chunks together. Default 256: it bounds the pause that a long prompt makes in
    /// running streams, and larger steps were not measured to be faster. The engine's own limit comes first.
    /// </summary>
    [Range(1, 1_000_000)]
    public int StepTokens { get; set; } = 256;

    /// <summary>
    /// New tokens of one prompt in one step. Default 128: chunks of 128 to 256 measured fastest (int4 and W8A8 on CPU), and two
    /// prompts then share a step.
    /// </summary>
    [Range(1, 1_000_000)]
    public int PrefillChunkTokens { get; set; } = 128;

    /// <summary>
    /// New tokens of prompts in a step for each stream that decodes in it and has to wait for them, or for each request that waits for its
    /// first token where these are more; 24 at least. Default 4: eight streams beside 2,000-token prompts then go on at two fifths of
    /// their pace instead of a sixth of it, and a prompt takes about 7 s instead of 4 (int8, 0.5 B, two cores).
    /// </summary>
    [Range(1, 1_000_000)]
    public int PrefillTokensPerStream { get; set; } = 4;

    /// <summary>
    /// New prompts take over the cache of the longest beginning that is still stored. Default true: the next turn of a chat, and a
    /// system prompt that many share, are computed once.
    /// </summary>
    public bool SharesPrefixes { get; set; } = true;

    /// <summary>Drafted tokens, by which one step can give several tokens of an answer. Changes no answer.</summary>
    public SpeculationOptions Speculation { get; set; } = new();

    /// <summary>
    /// Steps that may fail one after the other before the scheduler calls itself unhealthy. Default 3: one bad request may fail a
    /// step, a broken engine fails them all.
    /// </summary>
    [Range(1, 1000)]
    public int MaxFailedSteps { get; set; } = 3;

    /// <summary>Faults across properties, in words; empty when there are none.</summary>
    public IReadOnlyList<string> Faults() => StepTokens <= MaxRunningSequences
        ? [$"{nameof(StepTokens)} ({StepTokens}) must be over {nameof(MaxRunningSequences)} ({MaxRunningSequences}): prompts get what decode rows leave."]
        : [];
}
