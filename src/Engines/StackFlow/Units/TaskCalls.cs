using StreamCore.Engines.StackFlow.Connections;
using StreamCore.Engines.StackFlow.Wire;

namespace StreamCore.Engines.StackFlow.Units;

/// <summary>Control calls about one task, on its own connection: from any other they would steal its answers.</summary>
internal static class TaskCalls
{
    /// <summary>Ends the task. True when the device has confirmed that it is gone.</summary>
    /// <exception cref="DeviceException">It did not answer, or the connection is lost.</exception>
    public static async Task<bool> ExitAsync(DeviceConnection connection, string workId, TimeSpan within, CancellationToken cancellation)
    {
        using var call = connection.Call(workId);
        await call.SendAsync("exit", "None", RequestData.None, within, cancellation);
        var reply = await call.NextAsync(within, cancellation);
        return reply.Code == 0 || DeviceException.Of(connection.DeviceName, reply).Fault == DeviceFault.TaskGone;
    }

    /// <summary>
    /// A round trip through the unit's queue of control calls: when it is back, all calls before it are done. True when the task is there.
    /// </summary>
    /// <exception cref="DeviceException">It did not answer, or the connection is lost.</exception>
    public static async Task<bool> IsThereAsync(DeviceConnection connection, string workId, TimeSpan within, CancellationToken cancellation)
    {
        using var call = connection.Call(workId);
        await call.SendAsync("taskinfo", "None", RequestData.None, within, cancellation);
        return (await call.NextAsync(within, cancellation)).Code == 0;
    }
}
