using Microsoft.Extensions.Logging;
using StreamCore.Engines.Models;
using StreamCore.Engines.StackFlow.Audio;
using StreamCore.Engines.StackFlow.Connections;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Engines.Tokenization;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>All StackFlow devices, and the models on them. Safe for many threads.</summary>
public sealed class StackFlowPool : IAsyncDisposable
{
    private readonly StackFlowOptions _options;
    private readonly TimeProvider _time;
    private readonly StackFlowDevice[] _devices;
    private readonly Dictionary<string, ITokenizer> _tokenizers = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private readonly List<Configured> _configured = [];
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
            if (ModelFacts.Of(model) is not { } facts) continue;
            var purpose = facts.Unit.Purpose;
            _configured.Add(new Configured(model.ServedName, purpose, purpose == UnitPurpose.Language ? SessionModelOf(model, facts) : null));
        }

        _devices = [.. options.Devices.Select(device => Device(device, new StackFlowDevice(device.Label, options, dial(device), Journal, time, logger)))];
    }

    /// <summary>A device has a language model that it had not before. The name may be known already, from another device. From any thread; handlers return at once.</summary>
    public event Action<DeviceModel>? ModelAppeared;

    /// <summary>Names of language models that devices have or had since the start, and of those that are configured.</summary>
    public IReadOnlyList<string> ModelNames => NamesOf(UnitPurpose.Language);

    /// <summary>The same of speech models.</summary>
    public IReadOnlyList<string> SpeechModelNames => NamesOf(UnitPurpose.Speech);

    /// <summary>The same of transcription models.</summary>
    public IReadOnlyList<string> TranscriptionModelNames => NamesOf(UnitPurpose.Transcription);

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

    /// <summary>The language model on each device that has it; the same objects each time. Empty for a name that is not known.</summary>
    public IReadOnlyList<DeviceModel> EnginesOf(string name) => EnginesOf<DeviceModel>(name);

    /// <summary>The same of a speech model.</summary>
    public IReadOnlyList<ISpeechEngine> SpeechEnginesOf(string name) => EnginesOf<ISpeechEngine>(name);

    /// <summary>The same of a transcription model.</summary>
    public IReadOnlyList<ITranscriptionEngine> TranscriptionEnginesOf(string name) => EnginesOf<ITranscriptionEngine>(name);

    /// <summary>What a language model takes: where devices differ, the most that one of them does. Null for a name that is not known.</summary>
    public SessionModel? Find(string name) =>
        EnginesOf(name).Select(engine => engine.Model).MaxBy(model => model.MaxPromptTokens)
        ?? _configured.Find(model => model.Name == name && model.Language is not null)?.Language;

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
            if (ModelFacts.Of(model) is { } facts) Add(device, model, facts, isInstalled: false);
        }

        device.Discovered += models => Discovered(options, device, models);
        return device;
    }

    private void Discovered(DeviceOptions options, StackFlowDevice device, IReadOnlyList<ModelFacts> models)
    {
        Entry[] known;
        lock (_gate) known = [.. _entries.Where(entry => entry.Device == device)];
        List<Entry> seen = [];
        foreach (var told in models)
        {
            if (SettingsOf(options, told.Model) is not { } settings) continue;
            var facts = told.Under(settings);
            if (Array.Find(known, entry => entry.Model.Name == facts.Model && entry.Model.Unit == facts.Unit) is { } entry)
            {
                Change(entry, settings, facts);
                seen.Add(entry);
            }
            else
            {
                Add(device, settings, facts, isInstalled: true);
            }
        }

        var gone = known.Except(seen).ToArray();
        device.Tasks.Change(() =>
        {
            foreach (var entry in gone) entry.Model.IsInstalled = false;
        });
    }

    private void Add(StackFlowDevice device, DeviceModelOptions settings, ModelFacts facts, bool isInstalled)
    {
        var model = new PooledModel(facts.Model, facts.Unit, device.NewBreaker());
        Set(model, settings, facts, isInstalled);
        IAsyncDisposable engine = facts.Unit.Purpose switch
        {
            UnitPurpose.Speech => new SpeechEngine(device, model, facts.AudioRate),
            UnitPurpose.Transcription => new TranscriptionEngine(device, model),
            _ => new DeviceModel(device, model, SessionModelOf(settings, facts), settings),
        };
        lock (_gate) _entries.Add(new Entry(device, model, settings.ServedName, engine));
        device.Tasks.Add(model);
        if (engine is DeviceModel language) ModelAppeared?.Invoke(language);
    }

    private void Change(Entry entry, DeviceModelOptions settings, ModelFacts facts)
    {
        if (entry.Engine is DeviceModel language) language.Model = SessionModelOf(settings, facts);
        else if (entry.Engine is SpeechEngine speech) speech.SampleRate = facts.AudioRate;
        entry.Device.Tasks.Change(() => Set(entry.Model, settings, facts, isInstalled: true));
    }

    private static void Set(PooledModel pooled, DeviceModelOptions settings, ModelFacts facts, bool isInstalled)
    {
        pooled.PoolSize = settings.PoolSize ?? facts.UsualPoolSize;
        var told = settings.Memory ?? facts.Memory;
        if (told is not null) (pooled.Memory, pooled.MemoryBasis) = (told.Value, MemoryBasis.Known);
        else if (pooled.Memory == 0) (pooled.Memory, pooled.MemoryBasis) = (facts.MemoryOrGuess, MemoryBasis.Guess);
        else if (pooled.MemoryBasis == MemoryBasis.TooMuch) pooled.MemoryBasis = MemoryBasis.Guess; // others may have left the device
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

    private string[] NamesOf(UnitPurpose purpose)
    {
        var configured = _configured.Where(model => model.Purpose == purpose).Select(model => model.Name);
        lock (_gate) return [.. _entries.Where(entry => entry.Model.Unit.Purpose == purpose).Select(entry => entry.Name).Concat(configured).Distinct()];
    }

    private T[] EnginesOf<T>(string name)
    {
        lock (_gate) return [.. _entries.Where(entry => entry.Name == name).Select(entry => entry.Engine).OfType<T>()];
    }

    /// <summary>A model of the settings for all devices, whether any has it or not.</summary>
    /// <param name="Name">What clients ask for.</param>
    /// <param name="Language">What it takes, if it is a language model.</param>
    private sealed record Configured(string Name, UnitPurpose Purpose, SessionModel? Language);

    /// <summary>A model on a device.</summary>
    /// <param name="Name">What clients ask for.</param>
    private sealed record Entry(StackFlowDevice Device, PooledModel Model, string Name, IAsyncDisposable Engine);
}
