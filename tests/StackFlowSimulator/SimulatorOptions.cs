using System.IO.Pipelines;
using System.Net;

namespace StreamCore.StackFlowSimulator;

/// <summary>What a simulated device is like.</summary>
public sealed record SimulatorOptions
{
    /// <summary>Where it listens. Loopback unless asked otherwise: the protocol has no authentication.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Its port; 0 picks a free one.</summary>
    public int Port { get; init; }

    /// <summary>The clock of every wait and time stamp.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Pace Pace { get; init; } = Pace.Fast;

    public Faults Faults { get; init; } = Faults.None;

    /// <summary>Where the faults' chances come from. Each fault has its own sequence.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What is installed.</summary>
    public IReadOnlyList<SimulatedModel> Models { get; init; } = SimulatedModel.Installed;

    /// <summary>Units whose program is not installed: calls to them are answered -9.</summary>
    public IReadOnlyList<string> MissingUnits { get; init; } = [];

    /// <summary>NPU memory in kB, as <c>cmminfo</c> gives it.</summary>
    public int MemoryKilobytes { get; init; } = 3 * 1024 * 1024;

    /// <summary>Where both ends of in-memory connections go on. Inline for tests with a manual clock: when a send returns, the
    /// device has done all it can.</summary>
    public PipeScheduler Scheduler { get; init; } = PipeScheduler.ThreadPool;
}
