using System.ComponentModel.DataAnnotations;
using StreamCore.Engines.StackFlow.Units;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>StackFlow devices whose models are served, and how they are looked after.</summary>
public sealed class StackFlowOptions
{
    /// <summary>The devices. None by default.</summary>
    public List<DeviceOptions> Devices { get; set; } = [];

    /// <summary>Settings of models, for every device that has them; <see cref="DeviceOptions.Models"/> goes before. Models that are not
    /// named here are served too, with the defaults.</summary>
    public List<DeviceModelOptions> Models { get; set; } = [];

    /// <summary>
    /// A file that holds the work ids of our tasks, so that those left over by a crash are found and ended at the next start; they would
    /// fill the devices. Empty: none, and leftovers stay. One server has it at a time.
    /// </summary>
    public string Journal { get; set; } = "";

    /// <summary>Time between two pings of a device. 15 s: a ping holds the lock that all of the device's clients share.</summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Time between two looks at what is installed. 5 min: models are installed by hand, and the list is hundreds of kB.</summary>
    public TimeSpan DiscoveryInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The wait after the first failure of a device or a model; doubled with each further one. 1 s: a dropped connection is back at once.</summary>
    public TimeSpan FirstBackOff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest such wait. 1 min: a device that was switched on is in use within a minute of its start.</summary>
    public TimeSpan MaxBackOff { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Failures in a row after which a device or a model counts as out of order, and is tried with one probe at a time.</summary>
    [Range(1, 1000)]
    public int FailuresUntilOpen { get; set; } = 3;

    /// <summary>How long is waited for what a device does.</summary>
    public DeviceTimeouts Timeouts { get; set; } = new();

    /// <summary>Settings of models on all devices and on single ones.</summary>
    internal IEnumerable<DeviceModelOptions> AllModels => Models.Concat(Devices.SelectMany(device => device.Models));

    /// <summary>Whether the settings give a model this name.</summary>
    public bool Names(string served) => AllModels.Any(model => model.ServedName == served);
}
