using StreamCore.Engines.StackFlow.Wire;

namespace StreamCore.Engines.StackFlow.Units;

/// <summary>How a device failed, by what can be done about it.</summary>
internal enum DeviceFault
{
    /// <summary>It cannot be reached, or the connection broke or lost its place (-1). All tasks on it are suspect.</summary>
    ConnectionLost = 0,

    /// <summary>A watchdog: nothing came in time.</summary>
    Silent,

    /// <summary>The task is not there any more (-4, -6; -11 of a unit that has no such task). Set up again.</summary>
    TaskGone,

    /// <summary>The unit is not installed or does not run (-9). The model is out of reach.</summary>
    UnitMissing,

    /// <summary>The unit has as many tasks as it takes (-21). Use what there is, or end one.</summary>
    TaskFull,

    /// <summary>The model could not be loaded (-5, -10): its name, its files or the memory. Back off.</summary>
    SetupFailed,

    /// <summary>Any other code.</summary>
    Refused,
}

/// <summary>A device, a unit or a task failed.</summary>
internal sealed class DeviceException(DeviceFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public DeviceFault Fault { get; } = fault;

    /// <summary>The device's own code; 0 where it said nothing.</summary>
    public int Code { get; init; }

    /// <summary>Whether any text or audio of the inference had come: then another task cannot take it over unseen.</summary>
    public bool Received { get; init; }

    /// <summary>Two tries were not answered, though the task answered control calls between them.</summary>
    public bool IsSilentTwice { get; init; }

    /// <summary>Of a setup that was given up and is watched until it ends: whether it is certain that it has left no task.</summary>
    public Task<bool>? Late { get; init; }

    /// <summary>The same to be thrown once more.</summary>
    public DeviceException Again() => new(Fault, Message, this) { Code = Code, Received = Received };

    /// <summary>The same, of an inference of which something had come, or nothing.</summary>
    public DeviceException Having(bool received) => new(Fault, Message, this) { Code = Code, Received = received, IsSilentTwice = IsSilentTwice };

    /// <summary>What an error reply means.</summary>
    /// <param name="device">Its name.</param>
    public static DeviceException Of(string device, Reply reply)
    {
        var isUnits = !reply.WorkId.Contains('.');
        return new(FaultOf(reply.Code, isUnits), $"{device}: {reply.WorkId} answered {reply.Code} {reply.Message}") { Code = reply.Code };
    }

    private static DeviceFault FaultOf(int code, bool isUnits) => code switch
    {
        -1 => DeviceFault.ConnectionLost,
        -4 or -6 => DeviceFault.TaskGone,
        // A unit says it of a task that vanished on the way; a task of a piece of its work that failed.
        -11 when isUnits => DeviceFault.TaskGone,
        -5 or -10 => DeviceFault.SetupFailed,
        -9 => DeviceFault.UnitMissing,
        -21 => DeviceFault.TaskFull,
        _ => DeviceFault.Refused,
    };
}
