namespace StreamCore.Scheduler.Loading;

/// <summary>An engine and the scheduler that runs it: what is in memory of a model, and goes together. Owns both.</summary>
public sealed class EngineInstance(IBatchEngine engine, GenerationScheduler scheduler) : IAsyncDisposable
{
    public GenerationScheduler Scheduler { get; } = scheduler;

    /// <summary>Ends what still runs, then gives the engine's memory back.</summary>
    public async ValueTask DisposeAsync()
    {
        await Scheduler.DisposeAsync().ConfigureAwait(false);
        engine.Dispose();
    }
}
