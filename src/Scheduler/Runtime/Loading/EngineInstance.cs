namespace StreamCore.Scheduler.Loading;

/// <summary>A scheduler and the engines it runs: what is in memory of a model, and goes together. Owns all of them.</summary>
public sealed class EngineInstance : IAsyncDisposable
{
    private readonly IDisposable? _engine;
    private readonly IAsyncDisposable[] _members;

    public EngineInstance(IDisposable engine, IGenerationScheduler scheduler)
    {
        Scheduler = scheduler;
        _engine = engine;
        _members = [];
    }

    /// <param name="members">Of a pool, those that go with it.</param>
    public EngineInstance(IGenerationScheduler scheduler, params IAsyncDisposable[] members)
    {
        Scheduler = scheduler;
        _members = members;
    }

    public IGenerationScheduler Scheduler { get; }

    /// <summary>Ends what still runs, then gives the engines' memory back.</summary>
    public async ValueTask DisposeAsync()
    {
        await Scheduler.DisposeAsync().ConfigureAwait(false);
        _engine?.Dispose();
        foreach (var member in _members) await member.DisposeAsync().ConfigureAwait(false);
    }
}
