using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Scheduler.Loading;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests.Loading;

/// <summary>Models on scripted engines, whose loading the test lets go or makes fail. At the end all memory must have been given back.</summary>
internal sealed class GatedModels(long budget) : IAsyncDisposable
{
    private readonly SchedulerMetrics _metrics = new();
    private readonly List<ScriptedEngine> _engines = [];
    private readonly List<GatedModel> _models = [];
    private ResidentModels? _all;

    public TestKit.ManualTime Time { get; } = new();

    public ResidentModels All => _all ??= new(budget, Time, NullLogger.Instance);

    /// <summary>Engines made and not disposed.</summary>
    public int LiveEngines
    {
        get { lock (_engines) return _engines.Count; }
    }

    public GatedModel Add(string name, long bytes, TimeSpan? keepAlive = null, int maxWaiting = int.MaxValue)
    {
        var model = new GatedModel();
        model.Resident = All.Add(new ResidentOptions
        {
            Name = name,
            Bytes = bytes,
            Load = () => model.Pass(Instance),
            KeepAlive = keepAlive,
            MaxWaiting = maxWaiting,
        });
        _models.Add(model);
        return model;
    }

    public async ValueTask DisposeAsync()
    {
        await All.DisposeAsync();
        foreach (var model in _models) model.Dispose();
        Assert.Equal((0, 0L), (LiveEngines, All.UsedBytes));
        _metrics.Dispose();
    }

    private EngineInstance Instance(string name)
    {
        var engine = new ScriptedEngine(blockCount: 64);
        lock (_engines) _engines.Add(engine);
        var counted = new Counted(engine, () => { lock (_engines) _engines.Remove(engine); });
        return new EngineInstance(counted, new GenerationScheduler(
            counted, new ScriptedTokenizer(), new SchedulerOptions(), _metrics, Time, NullLogger.Instance, name));
    }

    private sealed class Counted(ScriptedEngine engine, Action disposed) : IBatchEngine
    {
        public BatchEngineLimits Limits => engine.Limits;

        public void Run(RaggedStep step) => engine.Run(step);

        public Span<float> Logits(int row) => engine.Logits(row);

        public void Dispose()
        {
            engine.Dispose();
            disposed();
        }
    }
}

/// <summary>One of them. Every loading waits until it is let go.</summary>
internal sealed class GatedModel : IDisposable
{
    private readonly SemaphoreSlim _begun = new(0);
    private readonly SemaphoreSlim _permits = new(0);
    private int _loads;

    public ResidentModel Resident { get; set; } = null!;

    /// <summary>Loadings begun.</summary>
    public int Loads => Volatile.Read(ref _loads);

    /// <summary>The next loading fails with it.</summary>
    public Exception? Fails { get; set; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Ends when a loading waits to be let go.</summary>
    public Task LoadBegins() => _begun.WaitAsync(Stop);

    public void LetLoad() => _permits.Release();

    public Task<LeaseAnswer> Ask(CancellationToken? leaving = null, TimeSpan? timeout = null) =>
        Resident.LeaseAsync(timeout ?? Timeout.InfiniteTimeSpan, leaving ?? Stop).AsTask();

    /// <summary>Loads it, if need be, and uses it.</summary>
    public async Task<ModelLease> Use()
    {
        LetLoad();
        var answer = await Ask();
        while (_permits.Wait(0) || _begun.Wait(0)) { }
        Assert.Equal(RefusalReason.None, answer.Refusal.Reason);
        return answer.Lease!;
    }

    public void Dispose()
    {
        _begun.Dispose();
        _permits.Dispose();
    }

    /// <summary>Ends when the model has this status.</summary>
    public async Task Until(string status)
    {
        while (Resident.Status != status)
        {
            Stop.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    internal EngineInstance Pass(Func<string, EngineInstance> make)
    {
        Interlocked.Increment(ref _loads);
        _begun.Release();
        _permits.Wait(Stop);
        var fault = Fails;
        Fails = null;
        return fault is null ? make(Resident.Name) : throw fault;
    }
}
