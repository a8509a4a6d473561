using System.Collections;

namespace StreamCore.Host.Configuration;

/// <summary>
/// Gathers settings: the file, then environment variables over it, then flags over both. Every mistake of all three is reported at once.
/// </summary>
public static class StreamCoreConfiguration
{
    /// <summary>The file looked for in the working folder when none is named.</summary>
    public const string DefaultFile = "streamcore.yaml";

    private const string Prefix = "STREAMCORE_";

    /// <summary>Variables that are not options: they are read where the build and the native library are found.</summary>
    private static readonly string[] Others = ["STREAMCORE_NATIVE_CACHE", "STREAMCORE_ONNXRUNTIME", "STREAMCORE_CONFIG"];

    /// <summary>Flags with a short name, and the option each stands for.</summary>
    private static readonly Dictionary<string, string> Short = new(StringComparer.Ordinal)
    {
        ["port"] = "server.port",
        ["listen"] = "server.listen",
        ["threads"] = "engine.threads",
        ["weights"] = "models.0.weights",
        ["name"] = "models.0.name",
        ["model"] = "models.0.path",
    };

    /// <summary>Reads all three sources into fresh options.</summary>
    /// <exception cref="ConfigurationException">Something is wrong; the message has one line a mistake.</exception>
    public static StreamCoreOptions Load(IReadOnlyList<string> flags, IDictionary environment)
    {
        var mistakes = new List<string>();
        var given = ReadFlags(flags, mistakes, out var file);
        var settings = new List<Setting>();
        ReadFile(file ?? environment["STREAMCORE_CONFIG"] as string, settings, mistakes);
        settings.AddRange(ReadEnvironment(environment));
        // A model named on the command line stands alone: it replaces the file's list.
        if (given.Any(s => s.Path[0] == "models")) settings.RemoveAll(s => s.Path[0] == "models");
        settings.AddRange(given);

        var options = new StreamCoreOptions();
        SettingsBinder.Bind(options, settings, mistakes);
        if (mistakes.Count == 0) OptionsRules.Check(options, mistakes);
        return mistakes.Count == 0 ? options : throw new ConfigurationException(mistakes);
    }

    private static void ReadFile(string? file, List<Setting> settings, List<string> mistakes)
    {
        if (file is null && !File.Exists(DefaultFile)) return;
        var path = file ?? DefaultFile;
        try
        {
            YamlSettings.Read(File.ReadAllText(path), Path.GetFileName(path), settings, mistakes);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            mistakes.Add($"The configuration file '{path}' cannot be read: {fault.Message}");
        }
    }

    private static IEnumerable<Setting> ReadEnvironment(IDictionary environment) =>
        from DictionaryEntry entry in environment
        let name = (string)entry.Key
        where name.StartsWith(Prefix, StringComparison.Ordinal) && !Others.Contains(name)
        orderby name
        select new Setting(name[Prefix.Length..].Split("__"), (string?)entry.Value ?? "", "environment variable " + name);

    private static List<Setting> ReadFlags(IReadOnlyList<string> flags, List<string> mistakes, out string? file)
    {
        var settings = new List<Setting>();
        file = null;
        for (var i = 0; i < flags.Count; i++)
        {
            var flag = flags[i];
            if (!flag.StartsWith("--", StringComparison.Ordinal)) { mistakes.Add($"'{flag}' is not a flag; flags look like --port 8000."); continue; }
            var equals = flag.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? flag[2..] : flag[2..equals];
            string value;
            if (equals >= 0) value = flag[(equals + 1)..];
            else if (i + 1 < flags.Count && !flags[i + 1].StartsWith("--", StringComparison.Ordinal)) value = flags[++i];
            else { mistakes.Add($"flag {flag} needs a value."); continue; }

            if (name == "config") file = value;
            else settings.Add(new Setting(Short.GetValueOrDefault(name, name).Split('.'), value, "flag --" + name));
        }

        return settings;
    }
}
