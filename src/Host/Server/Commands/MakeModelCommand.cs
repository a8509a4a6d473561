using System.Globalization;
using StreamCore.Engines.Import.Gguf;
using StreamCore.Engines.Models;
using StreamCore.Host;

namespace StreamCore.Server.Commands;

/// <summary><c>streamcore make-model</c>: random weights in a well-known shape, to measure with; where asked, the very same weights as a GGUF
/// file beside the folder.</summary>
internal static class MakeModelCommand
{
    private static readonly string Usage =
        $"streamcore make-model FOLDER --shape {string.Join('|', RandomModel.Presets)} [--seed 1] [--gguf {string.Join('|', GgufExport.Types)}]";

    public static int Run(string[] arguments)
    {
        var flags = new Flags(arguments, Usage, "shape", "seed", "gguf");
        var shape = flags.Value("shape", "");
        if (!RandomModel.Presets.Contains(shape)) throw new StartupException($"'{shape}' is not a shape. Usage: {Usage}");
        if (!int.TryParse(flags.Value("seed", "1"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var seed))
            throw new StartupException($"--seed must be a whole number. Usage: {Usage}");
        var type = flags.Value("gguf", "");
        if (type.Length > 0 && !GgufExport.Types.Contains(type)) throw new StartupException($"'{type}' is not a type of GGUF file. Usage: {Usage}");
        var folder = Path.TrimEndingDirectorySeparator(flags.Argument!);
        var file = $"{folder}-{type}.gguf";
        if (type.Length > 0 && Path.Exists(file)) throw new StartupException($"'{file}' exists already; delete it or name another folder.");
        RandomModel.Write(folder, shape, seed, new ProgressLine($"making {shape}"));
        Console.WriteLine($"Made {folder}. Serve it with: streamcore --model {folder}");
        if (type.Length == 0) return 0;
        GgufExport.Write(folder, file, type, new ProgressLine($"writing {file}"));
        Console.WriteLine($"Made {file}. Serve it with: streamcore --model {file}");
        return 0;
    }
}
