namespace StreamCore.Scheduler.Sessions;

/// <summary>An engine instance with a scheduler of its own as a member of a pool. Owns both.</summary>
public sealed class BatchSession : ISessionEngine
{
    public BatchSession(GenerationScheduler scheduler, IDisposable engine, string name) => throw new NotImplementedException();

    /// <inheritdoc/>
    public string Name => throw new NotImplementedException();

    /// <summary>The generations that its scheduler runs at a time. Never changes.</summary>
    public int Capacity => throw new NotImplementedException();

    event Action? ISessionEngine.CapacityChanged
    {
        add { }
        remove { }
    }

    /// <inheritdoc/>
    public bool CanRun(GenerationRequest request) => throw new NotImplementedException();

    /// <inheritdoc/>
    public IAsyncEnumerable<SessionPiece> RunAsync(GenerationRequest request, CancellationToken cancellation) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
