using Microsoft.Extensions.Logging;
using StreamCore.Engines.StackFlow.Connections;

namespace StreamCore.Engines.StackFlow.Units;

/// <summary>
/// A task on a device: a loaded model, with a connection of its own, that runs one inference at a time. One caller at a time, but for
/// <see cref="ExitAsync"/> and the properties.
/// </summary>
internal sealed class UnitTask : IAsyncDisposable
{
    private UnitTask(TaskSetup setup, string workId)
    {
        Setup = setup;
        WorkId = workId;
    }

    /// <summary>
    /// Connects, sets the task up and waits until inferences will reach it. Seconds to minutes. A setup that is given up, by its timeout or
    /// <paramref name="cancellation"/>, is watched until it ends, and its task is ended then.
    /// </summary>
    /// <exception cref="DeviceException">No task.</exception>
    public static Task<UnitTask> SetupAsync(
        IDeviceDialer dialer, TaskSetup setup, DeviceTimeouts timeouts, TimeProvider time, ILogger logger, CancellationToken cancellation) =>
        throw new NotImplementedException();

    public TaskSetup Setup { get; }

    /// <summary>Such as <c>llm.1002</c>. Unique only until the device restarts.</summary>
    public string WorkId { get; }

    /// <summary>Whether it can run another inference. Once false it stays so, and the task is being ended.</summary>
    public bool IsUsable => throw new NotImplementedException();

    /// <summary>
    /// Runs one inference and yields its parts until its end. Whoever stops reading disposes of the enumerator, which pauses the device
    /// until it has stopped; afterwards the task can be used again, or is not usable. Where nothing came in time it is tried a second time.
    /// Text that the units do not answer (none at all, "None") or take for a command ("reset") is sent with a space.
    /// </summary>
    /// <exception cref="DeviceException">It failed; <see cref="IsUsable"/> says whether the task can still be used.</exception>
    /// <exception cref="InvalidOperationException">The task is not usable, or busy.</exception>
    public IAsyncEnumerable<UnitDelta> InferAsync(UnitInput input, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Makes a context model forget the conversation. Only for those: others would answer the word.</summary>
    public Task ResetContextAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>
    /// Ends the task on the device, then closes its connection; the same however often it is asked for. True when the device has confirmed it:
    /// else the task may still be there, to be ended by <see cref="DeviceControl.ExitTaskAsync"/> once its connection is closed.
    /// </summary>
    public Task<bool> ExitAsync() => throw new NotImplementedException();

    /// <summary>As <see cref="ExitAsync"/>.</summary>
    public async ValueTask DisposeAsync() => await ExitAsync();
}
