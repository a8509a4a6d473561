using Microsoft.Extensions.Logging;
using StreamCore.Engines.StackFlow.Connections;

namespace StreamCore.Engines.StackFlow.Units;

/// <summary>
/// The one connection to a device for what concerns no single task: it names tasks only to end them. Every call throws
/// <see cref="DeviceException"/> where the device fails or is silent. Safe for many threads.
/// </summary>
internal sealed class DeviceControl : IAsyncDisposable
{
    private DeviceControl()
    {
    }

    public static Task<DeviceControl> OpenAsync(
        IDeviceDialer dialer, DeviceTimeouts timeouts, TimeProvider time, ILogger logger, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>False once the connection is lost: open another.</summary>
    public bool IsOpen => throw new NotImplementedException();

    /// <summary>Completes when the connection is lost or disposed of.</summary>
    public Task Closed => throw new NotImplementedException();

    public Task PingAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The firmware's, such as <c>v1.6</c>.</summary>
    public Task<string> VersionAsync(CancellationToken cancellation) => throw new NotImplementedException();

    public Task<IReadOnlyList<InstalledModel>> ListModelsAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Null where the firmware does not tell it, or tells nonsense.</summary>
    public Task<DeviceMemory?> MemoryAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Work ids of the unit's tasks, whoever has them. Harmless to them.</summary>
    public Task<IReadOnlyList<string>> ListTasksAsync(UnitKind unit, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The response format that a task was set up with; null when there is no such task. Moves the task's answers to this connection,
    /// which drops them: never for a task that has its connection yet.</summary>
    public Task<string?> ResponseFormatAsync(string workId, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>
    /// Ends a task whose own connection is gone. True when it is gone, by this or before. Never for a task that has its connection yet, and
    /// never by an id from before a restart of the device: numbers start again, so it may be another's.
    /// </summary>
    public Task<bool> ExitTaskAsync(string workId, CancellationToken cancellation) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>NPU memory of a device, in kB.</summary>
internal readonly record struct DeviceMemory(long Total, long Used, long Remaining);
