using System.Collections;
using StreamCore.Host;
using StreamCore.Host.Configuration;

namespace StreamCore.Server.Commands;

/// <summary><c>streamcore import-config</c>: the configuration of ModuleLLM-OpenAI-Plugin becomes one of ours, with a report of every line.</summary>
internal static class ImportConfigCommand
{
    private const string Usage = "streamcore import-config CONFIG.YAML [--to streamcore.yaml]";

    public static int Run(string[] arguments)
    {
        var flags = new Flags(arguments, Usage, "to");
        var (source, target) = (flags.Argument!, flags.Value("to", StreamCoreConfiguration.DefaultFile));
        if (!File.Exists(source)) throw new StartupException($"There is no file '{source}'. Usage: {Usage}");
        var import = PluginConfig.Read(File.ReadAllText(source), Path.GetFileName(source));
        try
        {
            // Nobody's settings are written over.
            using var file = new StreamWriter(new FileStream(target, FileMode.CreateNew, FileAccess.Write));
            file.Write(import.Write());
        }
        catch (IOException fault)
        {
            throw new StartupException(
                File.Exists(target) ? $"'{target}' exists already; delete it or name another file with --to." : $"'{target}' cannot be written: {fault.Message}", fault);
        }

        Console.WriteLine($"Taken over into {target}:");
        foreach (var line in import.Taken) Console.WriteLine("  " + line);
        Console.WriteLine(import.Left.Count > 0 ? "Not taken over:" : "Nothing was left out.");
        foreach (var line in import.Left) Console.WriteLine("  " + line);
        Console.WriteLine("Other than before:");
        foreach (var line in PluginConfig.Differences) Console.WriteLine("  " + line);
        return Check(target);
    }

    /// <summary>What is wrong with values that were taken over is told now, and not at the first start.</summary>
    private static int Check(string target)
    {
        try
        {
            StreamCoreConfiguration.Load(["--config", target], new Hashtable());
            Console.WriteLine($"Serve with: streamcore --config {target}");
            return 0;
        }
        catch (ConfigurationException fault)
        {
            Console.Error.WriteLine($"streamcore: {target} has to be mended before it can be served:");
            foreach (var mistake in fault.Mistakes) Console.Error.WriteLine("  " + mistake);
            return 1;
        }
    }
}
