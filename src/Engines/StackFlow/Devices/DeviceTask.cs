using StreamCore.Engines.StackFlow.Units;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>
/// A task that the pool has set up. Guarded by the device's <see cref="TaskPool"/>.
/// <code>
/// Idle --rented--> Busy --its reader stops--> Stopping --returned--> Idle
///   +--evicted, or not usable any more--> Ending --exit confirmed or given up--> gone
/// </code>
/// </summary>
internal sealed class DeviceTask(PooledModel model, TaskSetup setup, string tag, UnitTask unit)
{
    public PooledModel Model { get; } = model;

    /// <summary>What it was set up with, but for the tag.</summary>
    public TaskSetup Setup { get; } = setup;

    /// <summary>See <see cref="TaskJournal"/>.</summary>
    public string Tag { get; } = tag;

    public UnitTask Unit { get; } = unit;

    public TaskState State { get; set; }

    /// <summary>Grows with each use, of any task of the device.</summary>
    public long LastUse { get; set; }
}

/// <summary>See <see cref="DeviceTask"/>.</summary>
internal enum TaskState
{
    Idle = 0,
    Busy,
    Stopping,
    Ending,
}
