using StreamCore.Engines.StackFlow.Units;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>A request that waits for a task. Guarded by the device's <see cref="TaskPool"/>.</summary>
internal sealed class TaskWaiter(PooledModel model, TaskSetup setup) : TaskCompletionSource<DeviceTask>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public PooledModel Model { get; } = model;

    public TaskSetup Setup { get; } = setup;

    /// <summary>Leftovers were looked for on its behalf.</summary>
    public bool HasSwept { get; set; }

    /// <summary>Nothing can be done for it until the tasks change; this is the change it waits for. -1 while something can.</summary>
    public long BlockedSince { get; private set; } = -1;

    /// <summary>Tasks whose end would help it, while it is blocked.</summary>
    public Func<DeviceTask, bool>? Wants { get; private set; }

    public bool Matches(DeviceTask task) => task.Model == Model && task.Setup == Setup;

    /// <summary>Something is tried for it. Until that is certain to be a setup, the tasks that it wants are kept for it.</summary>
    public void Resume() => BlockedSince = -1;

    public void Unblock() => (BlockedSince, Wants) = (-1, null);

    public void Block(long change, Func<DeviceTask, bool> wants) => (BlockedSince, Wants) = (change, wants);
}
