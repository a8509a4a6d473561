using System.Diagnostics.CodeAnalysis;

namespace StreamCore.Scheduler;

/// <summary>Accepts generations and runs them, on one engine instance or on a pool of engines. Safe for many threads.</summary>
public interface IGenerationScheduler : IAsyncDisposable
{
    /// <summary>Most tokens of prompt and answer together that can ever be accepted.</summary>
    int MaxSequenceTokens { get; }

    /// <summary>Where the scheduler stands. Cheap; numbers of one moment, not of one instant.</summary>
    SchedulerProgress Progress { get; }

    /// <summary>Accepts a generation, or says why not. Never waits.</summary>
    /// <exception cref="ArgumentException">The request was not validated.</exception>
    bool TrySubmit(GenerationRequest request, [NotNullWhen(true)] out Generation? generation, out Refusal refusal);

    /// <summary>Takes no more, lets what runs and waits end, and when <paramref name="abort"/> is cancelled ends it itself.
    /// Disposing does so at once.</summary>
    Task StopAsync(CancellationToken abort);
}
