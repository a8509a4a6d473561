using System.Text.Json;
using Microsoft.Extensions.Logging;
using StreamCore.Engines.StackFlow.Connections;
using StreamCore.Engines.StackFlow.Wire;

namespace StreamCore.Engines.StackFlow.Units;

/// <summary>
/// The one connection to a device for what concerns no single task: it names tasks only to end them. Every call throws
/// <see cref="DeviceException"/> where the device fails or is silent. Safe for many threads.
/// </summary>
internal sealed class DeviceControl : IAsyncDisposable
{
    private const string Sys = "sys";

    private readonly DeviceConnection _connection;
    private readonly DeviceTimeouts _timeouts;

    private DeviceControl(DeviceConnection connection, DeviceTimeouts timeouts)
    {
        _connection = connection;
        _timeouts = timeouts;
    }

    public static async Task<DeviceControl> OpenAsync(
        IDeviceDialer dialer, DeviceTimeouts timeouts, TimeProvider time, ILogger logger, CancellationToken cancellation) =>
        new(await DeviceConnection.OpenAsync(dialer, timeouts.Connect, time, logger, cancellation), timeouts);

    /// <summary>False once the connection is lost: open another.</summary>
    public bool IsOpen => _connection.IsOpen;

    /// <summary>Completes when the connection is lost or disposed of.</summary>
    public Task Closed => _connection.Closed;

    public Task PingAsync(CancellationToken cancellation) => CallAsync(Sys, "ping", cancellation);

    /// <summary>The firmware's, such as <c>v1.6</c>.</summary>
    public async Task<string> VersionAsync(CancellationToken cancellation) => (await CallAsync(Sys, "version", cancellation)).Text ?? "";

    public async Task<IReadOnlyList<InstalledModel>> ListModelsAsync(CancellationToken cancellation) =>
        InstalledModel.ListOf((await CallAsync(Sys, "lsmode", cancellation)).Data);

    /// <summary>Null where the firmware does not tell it, or tells nonsense.</summary>
    public async Task<DeviceMemory?> MemoryAsync(CancellationToken cancellation)
    {
        try
        {
            return DeviceMemory.Of((await CallAsync(Sys, "cmminfo", cancellation)).Data);
        }
        catch (DeviceException fault) when (fault.Fault == DeviceFault.Refused)
        {
            return null;
        }
    }

    /// <summary>Work ids of the unit's tasks, whoever has them. Harmless to them.</summary>
    public async Task<IReadOnlyList<string>> ListTasksAsync(UnitKind unit, CancellationToken cancellation)
    {
        var list = (await CallAsync(unit.Name, "taskinfo", cancellation)).Data;
        if (list.ValueKind != JsonValueKind.Array) return [];
        return [.. list.EnumerateArray().Where(id => id.ValueKind == JsonValueKind.String).Select(id => id.GetString()!)];
    }

    /// <summary>The response format that a task was set up with; null when there is no such task. Moves the task's answers to this connection,
    /// which drops them: never for a task that has its connection yet.</summary>
    public async Task<string?> ResponseFormatAsync(string workId, CancellationToken cancellation)
    {
        try
        {
            var info = (await CallAsync(workId, "taskinfo", cancellation)).Data;
            return info.ValueKind == JsonValueKind.Object && info.TryGetProperty("response_format", out var format) ? format.GetString() : null;
        }
        catch (DeviceException fault) when (fault.Fault == DeviceFault.TaskGone)
        {
            return null;
        }
    }

    /// <summary>
    /// Ends a task whose own connection is gone. True when it is gone, by this or before. Never for a task that has its connection yet, and
    /// never by an id from before a restart of the device: numbers start again, so it may be another's.
    /// </summary>
    public Task<bool> ExitTaskAsync(string workId, CancellationToken cancellation) =>
        TaskCalls.ExitAsync(_connection, workId, _timeouts.Exit, cancellation);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task<Reply> CallAsync(string workId, string action, CancellationToken cancellation)
    {
        using var call = _connection.Call(workId);
        await call.SendAsync(action, "None", RequestData.None, _timeouts.Control, cancellation);
        var reply = await call.NextAsync(_timeouts.Control, cancellation);
        return reply.Code == 0 ? reply : throw DeviceException.Of(_connection.DeviceName, reply);
    }
}

/// <summary>NPU memory of a device, in kB.</summary>
internal readonly record struct DeviceMemory(long Total, long Used, long Remaining)
{
    /// <summary>Null for what cannot be true: some firmware sends garbage.</summary>
    public static DeviceMemory? Of(JsonElement json)
    {
        if (Number(json, "total") is not { } total || Number(json, "used") is not { } used || Number(json, "remain") is not { } remaining) return null;
        return total is > 0 and < 1L << 40 && used >= 0 && remaining >= 0 && used <= total && remaining <= total ? new(total, used, remaining) : null;
    }

    private static long? Number(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Number
            && member.TryGetInt64(out var number) ? number : null;
}
