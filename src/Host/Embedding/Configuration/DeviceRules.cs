using StreamCore.Engines.StackFlow.Devices;

namespace StreamCore.Host.Configuration;

/// <summary>Rules for the settings of StackFlow devices. Adds every mistake, not the first.</summary>
internal static class DeviceRules
{
    public static void Check(StackFlowOptions options, List<string> mistakes)
    {
        OptionsRules.CheckRanges("stackFlow", options, mistakes);
        CheckModels("stackFlow.models", options.Models, mistakes);
        if (options.Models.Count > 0 && options.Devices.Count == 0) mistakes.Add("stackFlow.models has settings of models, but stackFlow.devices names no device.");
        if (options.Journal.Length > 0 && Path.GetDirectoryName(Path.GetFullPath(options.Journal)) is { } folder && !Directory.Exists(folder))
            mistakes.Add($"stackFlow.journal: there is no folder '{folder}'.");
        foreach (var (name, value) in new[]
        {
            ("pingInterval", options.PingInterval), ("discoveryInterval", options.DiscoveryInterval), ("firstBackOff", options.FirstBackOff),
            ("maxBackOff", options.MaxBackOff),
        })
        {
            if (value <= TimeSpan.Zero) mistakes.Add($"stackFlow.{name} must be positive.");
        }

        var addresses = new HashSet<(string, int)>();
        for (var i = 0; i < options.Devices.Count; i++)
        {
            var (device, place) = (options.Devices[i], $"stackFlow.devices[{i}]");
            if (device.Host.Length == 0) mistakes.Add($"{place}.host is missing: give the device's name or address.");
            else if (Uri.CheckHostName(device.Host) == UriHostNameType.Unknown) mistakes.Add($"{place}.host: '{device.Host}' is no host name or address; the port goes into {place}.port.");
            else if (!addresses.Add((device.Host.ToLowerInvariant(), device.Port))) mistakes.Add($"{place}: {device.Host}:{device.Port} is named twice.");
            if (device.Port is < 1 or > 65535) mistakes.Add($"{place}.port must be between 1 and 65535, but is {device.Port}.");
            if (!device.Discover && device.Models.Count + options.Models.Count == 0)
                mistakes.Add($"{place}: with discover: false nothing of it is served; name its models, or leave discover out.");
            CheckModels($"{place}.models", device.Models, mistakes);
        }
    }

    private static void CheckModels(string place, List<DeviceModelOptions> models, List<string> mistakes)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < models.Count; i++)
        {
            var model = models[i];
            OptionsRules.CheckRanges($"{place}[{i}]", model, mistakes);
            if (model.Model.Length == 0) mistakes.Add($"{place}[{i}].model is missing: give the device's name for it.");
            else if (!known.Add(model.Model)) mistakes.Add($"{place}[{i}].model: '{model.Model}' is named twice.");
            if (model.Unit.Length > 0 && !DeviceModelOptions.Units.Contains(model.Unit)) mistakes.Add($"{place}[{i}].unit must be one of {string.Join(", ", DeviceModelOptions.Units)}, but is '{model.Unit}'.");
            if (model.Tokenizer.Length > 0 && !Path.Exists(model.Tokenizer)) mistakes.Add($"{place}[{i}].tokenizer: there is no folder or file '{model.Tokenizer}'.");
            if (model.Memory <= 0) mistakes.Add($"{place}[{i}].memory must be positive; leave it out for what the device says.");
            if (model.Sampling != DeviceSampling.Fixed && (model.Temperature ?? model.TopP ?? model.TopK) is not null)
                mistakes.Add($"{place}[{i}]: temperature, topP and topK are of use with sampling: fixed only; requests bring their own otherwise.");
        }
    }
}
