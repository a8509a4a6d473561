namespace StreamCore.Scheduler.Loading;

/// <summary>A model that is loaded when it is asked for.</summary>
public sealed record ResidentOptions
{
    public required string Name { get; init; }

    /// <summary>Memory that it takes while it is loaded.</summary>
    public required long Bytes { get; init; }

    /// <summary>Loads it. Called on a thread of its own; whatever it throws is told to those who wait, and tried again for the next request.</summary>
    public required Func<EngineInstance> Load { get; init; }

    /// <summary>How long it stays loaded without a request; null: until its memory is needed.</summary>
    public TimeSpan? KeepAlive { get; init; }

    /// <summary>Requests that may wait for it at a time; one more is refused.</summary>
    public int MaxWaiting { get; init; } = int.MaxValue;
}
