using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Units;

namespace StreamCore.Engines.StackFlow.Audio;

/// <summary>What speech and transcription have in common: a model on one StackFlow device. The pool that made it owns the device.</summary>
internal abstract class AudioEngine(StackFlowDevice device, PooledModel pooled) : IAsyncDisposable
{
    public event Action? CapacityChanged
    {
        add => pooled.CapacityChanged += value;
        remove => pooled.CapacityChanged -= value;
    }

    /// <summary>The device's and the model's.</summary>
    public string Name { get; } = $"{device.Name}/{pooled.Name}";

    /// <summary>Tasks the device can have of the model now, running ones included; 0 while it is out of reach or the model out of order.</summary>
    public int Capacity => pooled.Capacity;

    protected UnitKind Unit => pooled.Unit;

    /// <summary>The device's name for it.</summary>
    protected string Model => pooled.Name;

    /// <summary>Ends the idle tasks of the model, which frees the device's memory. It may be used again afterwards.</summary>
    public ValueTask DisposeAsync()
    {
        device.Tasks.Clear(pooled);
        return default;
    }

    /// <summary>A task for one request, from the first of its inferences to the last: else requests with other settings would have it set up
    /// anew between two of them.</summary>
    protected TaskLease Lease(TaskSetup setup) => new(device, pooled, setup);
}
