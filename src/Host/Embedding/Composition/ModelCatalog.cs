using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Hosting;
using StreamCore.Scheduler.Loading;

namespace StreamCore.Host.Composition;

/// <summary>
/// The models this process serves. Makes them known before the server listens, and loads those that are to be loaded then; lets them
/// end their work before its port closes.
/// </summary>
public sealed class ModelCatalog(StreamCoreOptions options, ModelLoader loader, ResidentModels residents) : IHostedService, IAsyncDisposable
{
    /// <summary>The alias that stands for every name that is not known otherwise.</summary>
    private const string AnyName = "*";

    private readonly Dictionary<string, ServedModel> _byName = new(StringComparer.Ordinal);

    /// <summary>In the order of the configuration.</summary>
    public IReadOnlyList<ServedModel> Models { get; private set; } = [];

    /// <summary>The model that a request means: the one of this name or alias, or the one that stands for all other names.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out ServedModel? model) =>
        TryFindNamed(name, out model) || _byName.TryGetValue(AnyName, out model);

    /// <summary>The model of this name or alias.</summary>
    public bool TryFindNamed(string name, [NotNullWhen(true)] out ServedModel? model) => _byName.TryGetValue(name, out model);

    /// <summary>The model that a request means; without a name the only one.</summary>
    public bool TryFindOrOnly(string? name, [NotNullWhen(true)] out ServedModel? model)
    {
        if (!string.IsNullOrEmpty(name)) return TryFind(name, out model);
        model = Models is [var only] ? only : null;
        return model is not null;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        IEnumerable<ModelOptions> wanted = options.Models.Count > 0 ? options.Models : [BuiltInModel.Options];
        foreach (var one in wanted) Add(loader.Prepare(BuiltInModel.Resolve(one), cancellationToken));
        foreach (var (alias, target) in options.Aliases)
            _byName[alias] = _byName.TryGetValue(target, out var model)
                ? model
                : throw new StartupException($"The alias '{alias}' stands for '{target}', which is not served.");
        MemoryFigures.CheckStart(Models, options.Memory.Budget);
        foreach (var model in Models.Where(model => model.LoadsAtStart)) await LoadAsync(model, cancellationToken);
    }

    /// <summary>Serves one model more, which the catalog stops and disposes. Before requests come.</summary>
    internal void Add(ServedModel model)
    {
        Models = [.. Models, model];
        _byName.Add(model.Name, model);
    }

    /// <summary>Lets running generations end until <paramref name="cancellationToken"/>, then ends them.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => residents.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        // The container disposes what it made once for each registration.
        var models = Models;
        Models = [];
        await residents.DisposeAsync();
        foreach (var model in models) model.Dispose();
    }

    private static async Task LoadAsync(ServedModel model, CancellationToken cancellation)
    {
        var answer = await model.Resident.LeaseAsync(Timeout.InfiniteTimeSpan, cancellation);
        using var lease = answer.Lease;
        if (answer.Fault is { } fault) ExceptionDispatchInfo.Throw(fault);
        if (lease is null) throw new OperationCanceledException("The server was stopped while it started.");
    }
}
