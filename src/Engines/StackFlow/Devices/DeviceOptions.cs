namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>One StackFlow device: a Module-LLM, an LLM630 Compute Kit, or what speaks their protocol.</summary>
public sealed class DeviceOptions
{
    /// <summary>Its name in logs and metrics. Empty: its address.</summary>
    public string Name { get; set; } = "";

    /// <summary>Host name or address, such as <c>m5stack-LLM.local</c>. Who can reach its port owns the device, so its network should be private.</summary>
    public string Host { get; set; } = "";

    /// <summary>TCP port; 10001 is the firmware's.</summary>
    public int Port { get; set; } = 10001;

    /// <summary>Settings of models on this device, instead of those in <see cref="StackFlowOptions.Models"/>.</summary>
    public List<DeviceModelOptions> Models { get; set; } = [];

    /// <summary>Whether models that no settings name are served as well. True: all that the device has.</summary>
    public bool Discover { get; set; } = true;

    internal string Label => Name.Length > 0 ? Name : $"{Host}:{Port}";
}
