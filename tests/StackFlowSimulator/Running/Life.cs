using StreamCore.StackFlowSimulator.Front;
using StreamCore.StackFlowSimulator.Units;

namespace StreamCore.StackFlowSimulator.Running;

/// <summary>A device from power on to power off: its loop, its processes and what they share. All but the constructor and
/// <see cref="Dispose"/> belongs to the loop.</summary>
internal sealed class Life : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly Dictionary<string, Unit> _units = new(StringComparer.Ordinal);
    private readonly Chances _chances;

    public Life(SimulatedDevice device, SimulatorOptions options, Chances chances)
    {
        Device = device;
        Options = options;
        _chances = chances;
        Ended = _ended.Token;
        Loop = new(device.Rested, error => device.Mistake("the simulator failed: " + error));
        Front = new(this);
        foreach (var name in UnitCatalogue.Names.Except(options.MissingUnits)) Start(name);
    }

    public SimulatedDevice Device { get; }

    public SimulatorOptions Options { get; }

    public Pace Pace => Options.Pace;

    public DeviceLoop Loop { get; }

    public FrontProcess Front { get; private set; }

    public CancellationToken Ended { get; }

    public IEnumerable<Unit> Units => _units.Values;

    public Unit? UnitOf(string name) => _units.GetValueOrDefault(name);

    public int MemoryUsed => Units.Sum(unit => unit.MemoryUsed);

    public long UnixSeconds => Options.Time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Whether a fault strikes now.</summary>
    public bool Chance(Fault fault) => _chances.Strikes(fault, Device.Faults[fault]);

    /// <summary>A number below, from the fault's own sequence.</summary>
    public int Draw(Fault fault, int below) => _chances.Draw(fault, below);

    public void RestartFront()
    {
        Front.End();
        Front = new(this);
    }

    /// <summary>A unit that has died starts again after a while.</summary>
    public async Task RestartAsync(string unit)
    {
        await Task.Delay(Pace.UnitRestart, Options.Time, Ended);
        Start(unit);
    }

    /// <summary>Power off.</summary>
    public void Dispose()
    {
        Loop.End();
        _ended.Cancel();
        _ended.Dispose();
        foreach (var connection in Loop.Read(() => Front.Connections.ToArray())) connection.Abort();
        foreach (var unit in _units.Values) unit.Dispose();
    }

    private void Start(string name)
    {
        if (_units.Remove(name, out var dead)) dead.Dispose();
        _units[name] = UnitCatalogue.Create(this, name);
    }
}
