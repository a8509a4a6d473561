namespace StreamCore.Host.Hosting;

/// <summary>Whether the server takes new work. Turned once, for good, before anything else is stopped.</summary>
public sealed class Readiness : IDisposable
{
    private readonly CancellationTokenSource _draining = new();

    public bool IsDraining => _draining.IsCancellationRequested;

    /// <summary>Fires when the server begins to stop.</summary>
    public CancellationToken Draining => _draining.Token;

    internal void BeginDraining() => _draining.Cancel();

    public void Dispose() => _draining.Dispose();
}
