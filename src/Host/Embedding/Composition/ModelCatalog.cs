using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Hosting;
using StreamCore.Protocol;
using StreamCore.Scheduler.Loading;

namespace StreamCore.Host.Composition;

/// <summary>
/// The models this process serves. Makes them known before the server listens, and loads those that are to be loaded then; lets them
/// end their work before its port closes. Models of devices come when their device does, and stay.
/// </summary>
public sealed class ModelCatalog(StreamCoreOptions options, ModelLoader loader, ResidentModels residents, DeviceModels devices)
    : IHostedService, IAsyncDisposable
{
    /// <summary>The alias that stands for every name that is not known otherwise.</summary>
    private const string AnyName = "*";

    /// <summary>Seconds after which a device may have come that has never been reached.</summary>
    private const int RetryLater = 10;

    private readonly Lock _lock = new();
    private volatile ImmutableDictionary<string, ServedModel> _byName = ImmutableDictionary.Create<string, ServedModel>(StringComparer.Ordinal);
    private volatile IReadOnlyList<ServedModel> _models = [];

    /// <summary>In the order of the configuration, then in the order in which they came.</summary>
    public IReadOnlyList<ServedModel> Models => _models;

    /// <summary>The model that a request means: the one of this name or alias, or the one that stands for all other names.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out ServedModel? model) =>
        TryFindNamed(name, out model) || TryFindNamed(AnyName, out model);

    /// <summary>The model of this name or alias.</summary>
    public bool TryFindNamed(string name, [NotNullWhen(true)] out ServedModel? model) =>
        _byName.TryGetValue(name, out model) || (options.Aliases.TryGetValue(name, out var target) && _byName.TryGetValue(target, out model));

    /// <summary>The model that a request means; without a name the only one.</summary>
    public bool TryFindOrOnly(string? name, [NotNullWhen(true)] out ServedModel? model)
    {
        if (!string.IsNullOrEmpty(name)) return TryFind(name, out model);
        model = Models is [var only] ? only : null;
        return model is not null;
    }

    /// <summary>What to say of a name for which there is no model: an alias may wait for a device that has not been reached yet.</summary>
    internal ApiError NotFound(string name) => options.Aliases.ContainsKey(name) || options.Aliases.ContainsKey(AnyName)
        ? ApiError.Unavailable($"The model that '{name}' stands for has not been found on any device yet. Please try again later.", RetryLater)
        : ApiError.ModelNotFound(name);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        IEnumerable<ModelOptions> wanted = options.Models.Count > 0 ? options.Models : devices.IsConfigured ? [] : [BuiltInModel.Options];
        foreach (var one in wanted) Add(loader.Prepare(BuiltInModel.Resolve(one), cancellationToken));
        await devices.StartAsync(AddOnce, cancellationToken);
        foreach (var (alias, target) in options.Aliases)
        {
            if (!devices.IsConfigured && !_byName.ContainsKey(target))
                throw new StartupException($"The alias '{alias}' stands for '{target}', which is not served.");
        }

        MemoryFigures.CheckStart(Models, options.Memory.Budget);
        foreach (var model in Models.Where(model => model.LoadsAtStart)) await LoadAsync(model, cancellationToken);
    }

    /// <summary>Serves one model more, which the catalog stops and disposes.</summary>
    internal void Add(ServedModel model) => AddOnce(model.Name, () => model);

    /// <summary>Lets running generations end until <paramref name="cancellationToken"/>, then ends them.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => residents.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        // The container disposes what it made once for each registration.
        var models = _models;
        _models = [];
        await residents.DisposeAsync();
        await devices.DisposeAsync();
        foreach (var model in models) model.Dispose();
    }

    /// <summary>Serves a model unless its name is served already.</summary>
    private void AddOnce(string name, Func<ServedModel> make)
    {
        lock (_lock)
        {
            if (_byName.ContainsKey(name)) return;
            var model = make();
            _byName = _byName.Add(name, model);
            _models = [.. _models, model];
        }
    }

    private static async Task LoadAsync(ServedModel model, CancellationToken cancellation)
    {
        var answer = await model.Resident.LeaseAsync(Timeout.InfiniteTimeSpan, cancellation);
        using var lease = answer.Lease;
        if (answer.Fault is { } fault) ExceptionDispatchInfo.Throw(fault);
        if (lease is null) throw new OperationCanceledException("The server was stopped while it started.");
    }
}
