using StreamCore.Protocol;

namespace StreamCore.Scheduler;

/// <summary>Who ended a generation before its time.</summary>
public enum CancelledBy
{
    None = 0,
    Client,
    Deadline,
    Shutdown,
}

/// <summary>How a generation ended: finished with a wire reason, cancelled and by whom, or failed with a fault.</summary>
public sealed record Outcome
{
    private Outcome() { }

    /// <summary>Why it finished; <see cref="FinishReason.None"/> unless it did.</summary>
    public FinishReason FinishReason { get; private init; }

    /// <summary>Who cancelled it; <see cref="CancelledBy.None"/> unless somebody did.</summary>
    public CancelledBy CancelledBy { get; private init; }

    /// <summary>Why it failed; null unless it did.</summary>
    public EngineFault? Fault { get; private init; }

    /// <summary>The stop string that ended it; null when something else did.</summary>
    public string? StopString { get; private init; }

    public bool IsFinished => FinishReason != FinishReason.None;

    public static Outcome Finished(FinishReason reason, string? stopString = null) =>
        new() { FinishReason = reason, StopString = stopString };

    public static Outcome Cancelled(CancelledBy by) => new() { CancelledBy = by };

    public static Outcome Failed(EngineFault fault) => new() { Fault = fault };
}
