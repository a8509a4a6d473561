using System.Globalization;
using StreamCore.Engines.Models;
using StreamCore.Host;

namespace StreamCore.Server.Commands;

/// <summary><c>streamcore make-model</c>: random weights in a well-known shape, to measure with.</summary>
internal static class MakeModelCommand
{
    private static readonly string Usage =
        $"streamcore make-model FOLDER --shape {string.Join('|', RandomModel.Presets)} [--seed 1]";

    public static int Run(string[] arguments)
    {
        var flags = new Flags(arguments, Usage, "shape", "seed");
        var shape = flags.Value("shape", "");
        if (!RandomModel.Presets.Contains(shape)) throw new StartupException($"'{shape}' is not a shape. Usage: {Usage}");
        if (!int.TryParse(flags.Value("seed", "1"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var seed))
            throw new StartupException($"--seed must be a whole number. Usage: {Usage}");
        RandomModel.Write(flags.Argument!, shape, seed, new ProgressLine($"making {shape}"));
        Console.WriteLine($"Made {flags.Argument}. Serve it with: streamcore --model {flags.Argument}");
        return 0;
    }
}
