using System.Net;

namespace StreamCore.StackFlowSimulator;

/// <summary>
/// A StackFlow device in this process: it listens on a socket, takes connections in memory too, and behaves as the real one does,
/// with the faults that are switched on. Everything it does happens on one loop, in the order of arrival and of the clock.
/// </summary>
public sealed class SimulatedDevice : IAsyncDisposable
{
    private SimulatedDevice(SimulatorOptions options)
    {
        EndPoint = new(options.Address, options.Port);
        Faults = options.Faults;
    }

    public static SimulatedDevice Start(SimulatorOptions options) => new(options);

    /// <summary>Where it listens; the same after a restart.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The faults that are on; may be changed at any time.</summary>
    public Faults Faults { get; set; }

    /// <summary>Connections that it holds open.</summary>
    public int Connections => throw new NotImplementedException();

    public IReadOnlyList<SimulatedTask> Tasks => throw new NotImplementedException();

    /// <summary>The generations it has begun, oldest first, at most the last 10,000.</summary>
    public IReadOnlyList<SimulatedGeneration> Generations => throw new NotImplementedException();

    /// <summary>What clients did that no client should do (an inference while another runs, a task named from another connection, braces
    /// that do not match and the like), a sentence each; at most the last 1,000.</summary>
    public IReadOnlyList<string> Mistakes => throw new NotImplementedException();

    /// <summary>A connection without a network. Waits while the device is unplugged, and fails as a refused one while it is dead.</summary>
    public ValueTask<DeviceLine> ConnectAsync(CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Completes when the condition holds; it is looked at after everything the device does.</summary>
    public Task UntilAsync(Func<SimulatedDevice, bool> condition) => throw new NotImplementedException();

    /// <summary>Power off: connections break, new ones are refused, everything it knew is gone.</summary>
    public void Kill() => throw new NotImplementedException();

    /// <summary>Power on again, after <see cref="Kill"/> or instead of it: no tasks, numbers from 1000.</summary>
    public void Restart() => throw new NotImplementedException();

    /// <summary>llm_sys alone starts again: connections break, numbers start from 1000; the units keep their tasks and what they run,
    /// and may write to a new connection what was meant for an old one of its number.</summary>
    public void RestartFront() => throw new NotImplementedException();

    /// <summary>A unit's process dies, and starts again empty after the pace's time for that.</summary>
    public void CrashUnit(string unit) => throw new NotImplementedException();

    /// <summary>It stands still: bytes and connections are accepted, nothing is done.</summary>
    public void Freeze() => throw new NotImplementedException();

    /// <summary>It goes on, with all that arrived and fell due meanwhile.</summary>
    public void Thaw() => throw new NotImplementedException();

    /// <summary>The network cable is pulled: nothing arrives in either direction, nobody is told. A connection over a socket still
    /// opens, since the system accepts it, and is as silent.</summary>
    public void Unplug() => throw new NotImplementedException();

    /// <summary>What was held back in both directions arrives.</summary>
    public void Plug() => throw new NotImplementedException();

    public ValueTask DisposeAsync() => default;
}
