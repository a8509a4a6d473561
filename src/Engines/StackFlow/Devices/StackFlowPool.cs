using Microsoft.Extensions.Logging;
using StreamCore.Engines.Models;
using StreamCore.Engines.StackFlow.Connections;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Engines.Tokenization;
using StreamCore.Scheduler;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>All StackFlow devices, and the language models on them. Safe for many threads.</summary>
public sealed class StackFlowPool : IAsyncDisposable
{
    private readonly StackFlowOptions _options;
    private readonly TimeProvider _time;
    private readonly StackFlowDevice[] _devices;
    private readonly Dictionary<string, ITokenizer> _tokenizers = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly List<DeviceModel> _engines = [];
    private readonly Dictionary<string, SessionModel> _configured = new(StringComparer.Ordinal);
    private bool _isDisposed;

    /// <param name="time">Every wait goes by it.</param>
    /// <exception cref="ModelFolderException">A tokenizer of the settings cannot be read.</exception>
    public StackFlowPool(StackFlowOptions options, TimeProvider time, ILoggerFactory loggers)
        : this(options, time, loggers, device => new SocketDialer(device.Host, device.Port, loggers.CreateLogger<SocketDialer>()))
    {
    }

    internal StackFlowPool(StackFlowOptions options, TimeProvider time, ILoggerFactory loggers, Func<DeviceOptions, IDeviceDialer> dial)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _time) = (options, time);
        foreach (var model in options.AllModels.Where(model => model.Tokenizer.Length > 0))
            _tokenizers.TryAdd(model.Tokenizer, TokenizerLoader.Load(model.Tokenizer));

        var logger = loggers.CreateLogger<StackFlowPool>();
        Journal = TaskJournal.Open(options.Journal, logger);
        foreach (var model in options.Models)
        {
            if (ModelFacts.Of(model) is { } facts && IsLanguage(facts.Unit)) _configured.TryAdd(model.ServedName, SessionModelOf(model, facts));
        }

        _devices = [.. options.Devices.Select(device => Device(device, new StackFlowDevice(device.Label, options, dial(device), Journal, time, logger)))];
    }

    /// <summary>A device has a model that it had not before. The name may be known already, from another device. From any thread; handlers return at once.</summary>
    public event Action<DeviceModel>? ModelAppeared;

    /// <summary>Names of models that devices have or had since the start, and of those that are configured.</summary>
    public IReadOnlyList<string> ModelNames
    {
        get
        {
            lock (_gate) return [.. _engines.Select(engine => engine.Model.Name).Concat(_configured.Keys).Distinct()];
        }
    }

    internal TaskJournal Journal { get; }

    /// <summary>Begins to connect, and returns when each device is connected or has failed once, or after <paramref name="patience"/>:
    /// what is down then is picked up later.</summary>
    public async Task StartAsync(TimeSpan patience, CancellationToken cancellation)
    {
        foreach (var device in _devices) device.Start();
        var tried = Task.WhenAll(_devices.Select(device => device.Tried));
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(tried, Task.Delay(patience, _time, waiting.Token)).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>The model on each device that has it; the same objects each time. Empty for a name that is not known.</summary>
    public IReadOnlyList<DeviceModel> EnginesOf(string name)
    {
        lock (_gate) return [.. _engines.Where(engine => engine.Model.Name == name)];
    }

    /// <summary>What the model takes: where devices differ, the most that one of them does. Null for a name that is not known.</summary>
    public SessionModel? Find(string name) =>
        EnginesOf(name).Select(engine => engine.Model).MaxBy(model => model.MaxPromptTokens) ?? _configured.GetValueOrDefault(name);

    /// <summary>Ends all tasks on all devices and closes the connections. Generations that run end with a fault.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true)) return;
        await Task.WhenAll(_devices.Select(device => device.DisposeAsync().AsTask())).ConfigureAwait(false);
        Journal.Dispose();
    }

    /// <summary>A device with the models that its own settings name, and those that it will tell of.</summary>
    private StackFlowDevice Device(DeviceOptions options, StackFlowDevice device)
    {
        foreach (var model in options.Models)
        {
            if (ModelFacts.Of(model) is { } facts && IsLanguage(facts.Unit)) Engine(device, model, facts, isInstalled: false);
        }

        device.Discovered += models => Discovered(options, device, models);
        return device;
    }

    private void Discovered(DeviceOptions options, StackFlowDevice device, IReadOnlyList<ModelFacts> models)
    {
        DeviceModel[] known;
        lock (_gate) known = [.. _engines.Where(engine => engine.Device == device)];
        foreach (var facts in models.Where(model => IsLanguage(model.Unit)))
        {
            if (SettingsOf(options, facts.Model) is not { } settings) continue;
            if (Array.Find(known, engine => engine.Pooled.Name == facts.Model) is { } engine) Change(engine, settings, facts);
            else Engine(device, settings, facts, isInstalled: true);
        }

        var gone = known.Where(engine => !models.Any(facts => facts.Model == engine.Pooled.Name)).ToArray();
        device.Tasks.Change(() =>
        {
            foreach (var engine in gone) engine.Pooled.IsInstalled = false;
        });
    }

    private void Engine(StackFlowDevice device, DeviceModelOptions settings, ModelFacts facts, bool isInstalled)
    {
        var pooled = new PooledModel(facts.Model, facts.Unit, device.NewBreaker());
        Set(pooled, settings, facts, isInstalled);
        var engine = new DeviceModel(device, pooled, SessionModelOf(settings, facts), settings);
        lock (_gate) _engines.Add(engine);
        device.Tasks.Add(pooled);
        ModelAppeared?.Invoke(engine);
    }

    private void Change(DeviceModel engine, DeviceModelOptions settings, ModelFacts facts)
    {
        engine.Model = SessionModelOf(settings, facts);
        engine.Device.Tasks.Change(() => Set(engine.Pooled, settings, facts, isInstalled: true));
    }

    private static void Set(PooledModel pooled, DeviceModelOptions settings, ModelFacts facts, bool isInstalled)
    {
        pooled.PoolSize = settings.PoolSize ?? facts.UsualPoolSize;
        var told = settings.Memory ?? facts.Memory;
        if (told is not null || pooled.Memory == 0) (pooled.Memory, pooled.IsMemoryGuessed) = (told ?? facts.MemoryOrGuess, told is null);
        pooled.IsInstalled = isInstalled;
    }

    /// <summary>The device's own settings of the model, else those for all devices, else the defaults; null when only named ones are wanted.</summary>
    private DeviceModelOptions? SettingsOf(DeviceOptions device, string model) =>
        device.Models.Concat(_options.Models).FirstOrDefault(settings => settings.Model == model)
        ?? (device.Discover ? new DeviceModelOptions { Model = model } : null);

    private SessionModel SessionModelOf(DeviceModelOptions settings, ModelFacts facts)
    {
        var family = settings.Family == PromptFamilyName.Auto ? PromptFamily.Of(facts.Model) : PromptFamily.Of(settings.Family);
        var counter = new TokenCounter(_tokenizers.GetValueOrDefault(settings.Tokenizer), settings.Estimate);
        return new SessionModel(settings.ServedName, family, counter, ModelLimits.Of(settings, facts), settings);
    }

    private static bool IsLanguage(UnitKind unit) => unit == UnitKind.Llm || unit == UnitKind.Vlm;
}
