using System.ComponentModel.DataAnnotations;

namespace StreamCore.Scheduler.Sessions;

/// <summary>How much a pool of session engines takes on. Read once, when its scheduler is made.</summary>
public sealed class SessionSchedulerOptions
{
    /// <summary>
    /// Generations that may wait beside those that the members can run just now; one more is refused. Default 64: members run few at
    /// a time, and whoever would wait longer is better told at once.
    /// </summary>
    [Range(0, 1_000_000)]
    public int QueueCapacity { get; set; } = 64;

    /// <summary>
    /// Most tokens of prompt and answer together. Default: no limit of the scheduler's own; members and whoever made the prompt have theirs.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxSequenceTokens { get; set; } = int.MaxValue;

    /// <summary>
    /// How long a generation waits while no member that could run it is in reach; then it fails. Default 30 seconds: a device that was
    /// unplugged or restarts is back by then, and a client that waits longer is better told.
    /// </summary>
    public TimeSpan UnreachableTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a scheduler that ends everything at once waits for members to give their places back. Default 5 seconds: enough to
    /// stop a device's inference, and a member that is frozen does not hold up the end of the process.
    /// </summary>
    public TimeSpan ReleaseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Faults that a range does not tell, in words; empty when there are none.</summary>
    public IReadOnlyList<string> Faults() =>
    [
        .. new[] { (nameof(UnreachableTimeout), UnreachableTimeout), (nameof(ReleaseTimeout), ReleaseTimeout) }
            .Where(timeout => timeout.Item2 < TimeSpan.Zero)
            .Select(timeout => $"{timeout.Item1} must not be negative."),
    ];
}
