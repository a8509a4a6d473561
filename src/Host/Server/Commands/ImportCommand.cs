using StreamCore.Engines.Import;
using StreamCore.Engines.Models;
using StreamCore.Host;

namespace StreamCore.Server.Commands;

/// <summary><c>streamcore import</c>: a Hugging Face safetensors folder becomes a StreamCore model folder.</summary>
internal static class ImportCommand
{
    private const string Usage = "streamcore import FOLDER [--to FOLDER] [--weights int4-32|int4-128|int8|float32]";

    public static int Run(string[] arguments)
    {
        var flags = new Flags(arguments, Usage, "to", "weights");
        var source = Path.TrimEndingDirectorySeparator(Path.GetFullPath(flags.Argument!));
        var weights = flags.Value("weights", "int8");
        if (!WeightFormats.TryParse(weights, out var format)) throw new StartupException($"'{weights}' is not a weight format. Usage: {Usage}");
        var target = flags.Value("to", $"{source}-{weights}");
        ModelImporter.Import(source, target, format, new ProgressLine($"importing as {weights}"));
        Console.WriteLine($"Imported to {target}. Serve it with: streamcore --model {target}");
        return 0;
    }
}
