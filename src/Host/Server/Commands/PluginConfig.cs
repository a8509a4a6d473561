using System.Globalization;
using System.Text;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Host;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace StreamCore.Server.Commands;

/// <summary>
/// The <c>config.yaml</c> of ModuleLLM-OpenAI-Plugin, and what it is in our terms: the device that it names, and the models that it found
/// there or was given. Every line of it is either taken over or told of.
/// </summary>
internal sealed class PluginConfig
{
    private const string DefaultHost = "127.0.0.1";

    /// <summary>The plugin's count of memory.</summary>
    private const long Kilobyte = 1024;

    private readonly string _file;
    private readonly List<DeviceOptions> _devices = [];

    private PluginConfig(string file) => _file = file;

    /// <summary>What changes for clients and operators whatever the file says.</summary>
    public static IReadOnlyList<string> Differences { get; } =
    [
        "The plugin listens on every address at port 8000 without keys; StreamCore listens on this machine only, until server.listen and server.apiKeys say more.",
        "The plugin writes its list of models anew at each start; StreamCore never changes its file, and serves what else a device has (discover: false serves only what is named).",
    ];

    /// <summary>A line for each setting that has gone into ours.</summary>
    public List<string> Taken { get; } = [];

    /// <summary>A line for each that has not, and why.</summary>
    public List<string> Left { get; } = [];

    /// <exception cref="StartupException">It is not such a file.</exception>
    public static PluginConfig Read(string text, string file)
    {
        var config = new PluginConfig(file);
        var root = Root(text, file);
        config.ReadServer(root);
        foreach (var (key, value) in Fields(root))
        {
            if (key == "models") config.ReadModels(value);
            else if (key != "server") config.Leave(value, key, "StreamCore has nothing like it");
        }

        return config;
    }

    /// <summary>Our file.</summary>
    public string Write()
    {
        var yaml = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"# From {_file} of ModuleLLM-OpenAI-Plugin.").AppendLine("stackFlow:").AppendLine("  devices:");
        foreach (var device in _devices)
        {
            yaml.AppendLine(CultureInfo.InvariantCulture, $"    - host: {Quoted(device.Host)}").AppendLine(CultureInfo.InvariantCulture, $"      port: {device.Port}");
            if (device.Models.Count > 0) yaml.AppendLine("      models:");
            foreach (var model in device.Models) Write(yaml, model);
        }

        return yaml.ToString();
    }

    private static void Write(StringBuilder yaml, DeviceModelOptions model)
    {
        yaml.AppendLine(CultureInfo.InvariantCulture, $"        - model: {Quoted(model.Model)}");
        void Field(string name, string? value)
        {
            if (value is not null) yaml.AppendLine(CultureInfo.InvariantCulture, $"          {name}: {value}");
        }

        Field("name", model.Name.Length > 0 ? Quoted(model.Name) : null);
        Field("unit", model.Unit.Length > 0 ? model.Unit : null);
        Field("poolSize", model.PoolSize?.ToString(CultureInfo.InvariantCulture));
        Field("maxPromptTokens", model.MaxPromptTokens?.ToString(CultureInfo.InvariantCulture));
        Field("memory", model.Memory?.ToString(CultureInfo.InvariantCulture));
        Field("prompt", model.Prompt != new DeviceModelOptions().Prompt ? Quoted(model.Prompt) : null);
    }

    /// <summary>The plugin's <c>server</c> is the device, not where it listens.</summary>
    private void ReadServer(YamlMappingNode root)
    {
        var device = new DeviceOptions { Host = DefaultHost };
        _devices.Add(device);
        if (!root.Children.TryGetValue("server", out var server)) return;
        foreach (var (key, value) in Fields(server))
        {
            var place = "server." + key;
            switch (key)
            {
                case "host" when Text(value) is { Length: > 0 } host:
                    device.Host = host;
                    Take(value, place, "stackFlow.devices[0].host");
                    break;
                case "port" when Number(value) is { } port:
                    device.Port = (int)port;
                    Take(value, place, "stackFlow.devices[0].port");
                    break;
                default:
                    Leave(value, place, key is "host" or "port" ? "its value cannot be used" : "StreamCore has nothing like it");
                    break;
            }
        }
    }

    private void ReadModels(YamlNode models)
    {
        foreach (var (name, entry) in Fields(models))
        {
            var place = "models." + name;
            var fields = Fields(entry).ToDictionary(field => field.Key, field => field.Value, StringComparer.Ordinal);
            var type = fields.TryGetValue("type", out var node) ? Text(node) : "";
            if (WhyNot(type) is { } why) Leave(entry, place, why);
            else ReadModel(name, place, fields);
        }
    }

    private static string? WhyNot(string? type) => type switch
    {
        "llm" or "vlm" => null,
        "tts" or "asr" => $"StreamCore has no endpoints for speech yet, which a model of type {type} is for",
        "openai_proxy" or "vision_model" => $"StreamCore passes no requests on to other servers, which type {type} does",
        null or "" => "it has no type",
        _ => $"its type '{type}' is not known",
    };

    private void ReadModel(string name, string place, Dictionary<string, YamlNode> fields)
    {
        var model = new DeviceModelOptions { Model = fields.TryGetValue("model_name", out var own) && Text(own) is { Length: > 0 } text ? text : name };
        if (model.Model != name) model.Name = name;
        var device = DeviceOf(fields, place);
        device.Models.Add(model);
        var ours = string.Create(CultureInfo.InvariantCulture, $"stackFlow.devices[{_devices.IndexOf(device)}].models[{device.Models.Count - 1}]");
        if (own is null) Taken.Add($"{_file}: {place} -> {ours}.model");
        foreach (var (key, value) in fields) ReadField(model, key, value, $"{place}.{key}", ours);
    }

    private void ReadField(DeviceModelOptions model, string key, YamlNode value, string place, string ours)
    {
        switch (key)
        {
            case "host" or "port":
                break; // taken with its device
            case "model_name":
                Take(value, place, model.Name.Length > 0 ? $"{ours}.model, served under the name '{model.Name}' as before" : $"{ours}.model");
                break;
            case "type":
                model.Unit = Text(value) ?? "";
                Take(value, place, $"{ours}.unit");
                break;
            case "pool_size" when Number(value) is { } size:
                model.PoolSize = (int)size;
                Take(value, place, $"{ours}.poolSize");
                break;
            case "max_context_length" when Number(value) is { } length:
                model.MaxPromptTokens = (int)length;
                Take(value, place, $"{ours}.maxPromptTokens");
                break;
            case "memory_required" when Number(value) is { } kilobytes and > 0:
                model.Memory = kilobytes * Kilobyte;
                Take(value, place, $"{ours}.memory, in bytes");
                break;
            case "system_prompt" when value is YamlScalarNode:
                model.Prompt = Text(value) ?? "";
                Take(value, place, $"{ours}.prompt");
                break;
            case "pool_size" or "max_context_length" or "memory_required" or "system_prompt":
                Leave(value, place, "its value cannot be used");
                break;
            case "input" or "response_format" or "object":
                Leave(value, place, "StreamCore sets tasks up by itself");
                break;
            default:
                Leave(value, place, "StreamCore has nothing like it");
                break;
        }
    }

    /// <summary>The device that a model's own host and port name; the server's where it has none.</summary>
    private DeviceOptions DeviceOf(Dictionary<string, YamlNode> fields, string place)
    {
        var (host, port) = (_devices[0].Host, _devices[0].Port);
        fields.TryGetValue("host", out var hostNode);
        fields.TryGetValue("port", out var portNode);
        if (hostNode is not null && Text(hostNode) is { Length: > 0 } ownHost) host = ownHost;
        if (portNode is not null && Number(portNode) is { } ownPort) port = (int)ownPort;
        var device = _devices.Find(one => one.Host == host && one.Port == port);
        if (device is null) _devices.Add(device = new DeviceOptions { Host = host, Port = port });
        var ours = string.Create(CultureInfo.InvariantCulture, $"stackFlow.devices[{_devices.IndexOf(device)}]");
        if (hostNode is not null) Take(hostNode, place + ".host", ours + ".host");
        if (portNode is not null) Take(portNode, place + ".port", ours + ".port");
        return device;
    }

    private void Take(YamlNode node, string place, string ours) =>
        Taken.Add(string.Create(CultureInfo.InvariantCulture, $"{_file} line {node.Start.Line}: {place} -> {ours}"));

    /// <summary>Values are not told: there may be keys among them.</summary>
    private void Leave(YamlNode node, string place, string why) =>
        Left.Add(string.Create(CultureInfo.InvariantCulture, $"{_file} line {node.Start.Line}: {place}: {why}."));

    private static YamlMappingNode Root(string text, string file)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (Exception fault) when (fault is YamlException or InvalidOperationException)
        {
            throw new StartupException($"'{file}' is not valid YAML: {fault.Message}", fault);
        }

        return stream.Documents is [{ RootNode: YamlMappingNode root }, ..] && (root.Children.ContainsKey("server") || root.Children.ContainsKey("models"))
            ? root
            : throw new StartupException($"'{file}' has neither 'server:' nor 'models:', so it is not a configuration of ModuleLLM-OpenAI-Plugin.");
    }

    private static IEnumerable<(string Key, YamlNode Value)> Fields(YamlNode node) =>
        node is YamlMappingNode map ? map.Children.Select(field => (field.Key.ToString(), field.Value)) : [];

    private static string? Text(YamlNode node) => (node as YamlScalarNode)?.Value;

    private static long? Number(YamlNode node) =>
        long.TryParse(Text(node), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number is >= int.MinValue and <= int.MaxValue ? number : null;

    /// <summary>As a YAML text between double quotes (YAML 1.2 §7.3.1).</summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            if (character is '"' or '\\') quoted.Append('\\').Append(character);
            else if (char.IsControl(character)) quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}");
            else quoted.Append(character);
        }

        return quoted.Append('"').ToString();
    }
}
