using System.Globalization;
using StreamCore.Engines.Models;
using StreamCore.Host;

namespace StreamCore.Server.Commands;

/// <summary><c>streamcore make-model</c>: random weights in a well-known shape, to measure with.</summary>
internal static class MakeModelCommand
{
    private static readonly string s_usage =
        $"streamcore make-model FOLDER --shape {string.Join('|', RandomModel.Presets)} [--seed 1]";

    public static int Run(string[] arguments)
    {
        var flags = new Flags(arguments, s_usage, "shape", "seed");
        var shape = flags.Value("shape", "");
        if (!RandomModel.Presets.Contains(shape)) throw new StartupException($"'{shape}' is not a shape. Usage: {s_usage}");
        if (!int.TryParse(flags.Value("seed", "1"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var seed))
            throw new StartupException($"--seed must be a whole number. Usage: {s_usage}");
        RandomModel.Write(flags.Argument!, shape, seed, new ProgressLine($"making {shape}"));
        Console.WriteLine($"Made {flags.Argument}. Serve it with: streamcore --model {flags.Argument}");
        return 0;
    }
}
