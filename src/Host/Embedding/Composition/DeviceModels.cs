using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Host.Planning;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Loading;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Host.Composition;

/// <summary>
/// The models on the configured devices. What a device turns out to have joins the scheduler of its model, whenever that is. Safe for
/// many threads.
/// </summary>
public sealed class DeviceModels(
    StreamCoreOptions options, ResidentModels residents, SchedulerMetrics metrics, TimeProvider time, ILoggerFactory logs) : IAsyncDisposable
{
    /// <summary>How long the start waits for devices. Those that are on answer within milliseconds, and those that are off are picked up later.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ILogger _log = logs.CreateLogger<DeviceModels>();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SessionScheduler> _schedulers = new(StringComparer.Ordinal);
    private readonly SessionImages _images = new(options.Images, time);
    private StackFlowPool? _pool;

    /// <summary>Whether there are any devices.</summary>
    internal bool IsConfigured => options.StackFlow.Devices.Count > 0;

    /// <summary>Whether a model of this process has devices beside it, by the settings: what a device has by chance under the same name has not.</summary>
    internal bool Share(string name) => IsConfigured && options.StackFlow.Names(name);

    /// <summary>What devices take of a model; null while nothing is known of it.</summary>
    internal SessionModel? Find(string name) => _pool?.Find(name);

    /// <summary>Reaches for the devices, and serves what they have; <paramref name="serve"/> is called again for what appears later, from any thread.</summary>
    /// <exception cref="StreamCore.Engines.Models.ModelFolderException">A tokenizer of the settings cannot be read.</exception>
    internal async Task StartAsync(Action<string, Func<ServedModel>> serve, CancellationToken cancellation)
    {
        if (!IsConfigured) return;
        var pool = _pool = new StackFlowPool(options.StackFlow, time, logs);
        pool.ModelAppeared += engine =>
        {
            Join(engine);
            serve(engine.Model.Name, () => Serve(pool, engine.Model.Name));
        };
        foreach (var name in pool.ModelNames) serve(name, () => Serve(pool, name));
        await pool.StartAsync(Patience, cancellation);
        var names = pool.ModelNames.Where(name => pool.EnginesOf(name).Any(engine => engine.Capacity > 0)).ToArray();
        if (names.Length > 0) HostLog.DevicesReady(_log, string.Join(", ", names));
        else HostLog.NoDeviceReached(_log, options.StackFlow.Devices.Count);
    }

    /// <summary>A scheduler of all that runs a model: the devices that have it, those that will have it, and <paramref name="others"/>.</summary>
    internal SessionScheduler Schedule(string name, params ISessionEngine[] others)
    {
        lock (_lock)
        {
            IEnumerable<ISessionEngine> members = [.. others, .. _pool?.EnginesOf(name) ?? []];
            return _schedulers[name] = new SessionScheduler(members, options.Pools, metrics, time, logs.CreateLogger<SessionScheduler>(), name);
        }
    }

    // The container disposes what the catalog has disposed before.
    public ValueTask DisposeAsync()
    {
        _images.Dispose();
        return Interlocked.Exchange(ref _pool, null)?.DisposeAsync() ?? default;
    }

    private void Join(DeviceModel engine)
    {
        lock (_lock)
        {
            if (_schedulers.TryGetValue(engine.Model.Name, out var scheduler)) scheduler.Add(engine);
        }
    }

    private PoolModel Serve(StackFlowPool pool, string name)
    {
        var resident = residents.Add(new ResidentOptions
        {
            Name = name,
            Bytes = 0, // of this machine's
            Load = () => new EngineInstance(Schedule(name)),
        });
        return new PoolModel(pool, _images, resident)
        {
            Name = name,
            Created = time.GetUtcNow(),
            Fingerprint = "fp_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("stackflow " + name)))[..10],
            DefaultMaxTokens = options.Generation.DefaultMaxTokens,
            MaxTokensCeiling = options.Generation.MaxTokensCeiling,
        };
    }
}
