namespace StreamCore.Scheduler;

public enum RefusalReason
{
    None = 0,

    /// <summary>As many generations as are allowed are running and waiting.</summary>
    QueueFull,

    /// <summary>Prompt and answer could not fit in the context or the cache, even alone.</summary>
    NeverFits,

    /// <summary>The scheduler is stopping, or its loop has ended.</summary>
    Stopping,

    /// <summary>The model could not be loaded. It is tried again for the next request.</summary>
    LoadFailed,

    /// <summary>The model was not loaded in time: it takes long, or others that are used hold the memory.</summary>
    LoadTimedOut,

    /// <summary>No member of the pool can do all that the request asks for.</summary>
    CannotRun,
}

/// <summary>
/// Why a generation was not accepted, and when a place is likely to be free, from the rate at which generations have been ending:
/// whole seconds, zero where trying again is no use.
/// </summary>
public readonly record struct Refusal(RefusalReason Reason, TimeSpan RetryAfter);
