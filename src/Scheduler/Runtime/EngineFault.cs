namespace StreamCore.Scheduler;

/// <summary>An engine or a device failed: what to tell the client, and whether asking again may help.</summary>
public sealed record EngineFault(string Message, bool MayRetry);

/// <summary>Thrown by an engine for an <see cref="EngineFault"/>.</summary>
public sealed class EngineException(EngineFault fault, Exception? inner = null) : Exception(fault.Message, inner)
{
    public EngineFault Fault { get; } = fault;
}
