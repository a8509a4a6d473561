namespace StreamCore.Scheduler.Sessions;

/// <summary>
/// A member of a pool that runs generations by itself and yields their text: a StackFlow device, a remote server. The scheduler owns
/// queueing, placement, cancellation, stop strings, limits and failover. Safe for many threads.
/// </summary>
public interface ISessionEngine : IAsyncDisposable
{
    /// <summary>For metrics and logs.</summary>
    string Name { get; }

    /// <summary>Generations it can run at a time just now, those that run included; 0 while it is out of reach. Changes are told by
    /// <see cref="CapacityChanged"/>, and one that makes a generation fail before the failure: it might be asked again at once.</summary>
    int Capacity { get; }

    /// <summary>From any thread; its handlers return at once.</summary>
    event Action? CapacityChanged;

    /// <summary>Whether it can honour all of the request. Members of one pool may differ. Logprobs cannot be honoured: pieces carry none.
    /// Asked again after <see cref="CapacityChanged"/>. Does not throw.</summary>
    bool CanRun(GenerationRequest request);

    /// <summary>
    /// Runs one generation. Ends after a piece with a reason to finish. Whoever stops reading disposes the enumerator, which ends the
    /// generation in the engine too, and returns when its place is free again or given up.
    /// </summary>
    /// <exception cref="EngineException">It cannot go on. Another member may be asked where <see cref="EngineFault.MayRetry"/> says so and no text was yielded.</exception>
    /// <exception cref="OperationCanceledException">For <paramref name="cancellation"/>.</exception>
    IAsyncEnumerable<SessionPiece> RunAsync(GenerationRequest request, CancellationToken cancellation);
}
