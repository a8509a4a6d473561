using StreamCore.Engines.Import;
using StreamCore.Engines.Models;
using StreamCore.Host;

namespace StreamCore.Server.Commands;

/// <summary><c>streamcore import</c>: a Hugging Face safetensors folder, a GGUF file or an ONNX export becomes a StreamCore model folder.</summary>
internal static class ImportCommand
{
    private const string Usage = "streamcore import PATH [--to FOLDER] [--weights int8|int8-32|int4-32|int4-32-all|int4-128|float32]";

    public static int Run(string[] arguments)
    {
        var flags = new Flags(arguments, Usage, "to", "weights");
        var source = Path.TrimEndingDirectorySeparator(Path.GetFullPath(flags.Argument!));
        var asked = flags.Value("weights", "");
        if (asked.Length > 0 && !WeightFormats.TryParse(asked, out _)) throw new StartupException($"'{asked}' is not a weight format. Usage: {Usage}");
        var format = asked.Length > 0 ? WeightFormats.Parse(asked) : ModelImporter.DefaultFormat(source);
        var weights = WeightFormats.NameOf(format);
        var name = File.Exists(source) ? Path.ChangeExtension(source, null) : source;
        var target = flags.Value("to", $"{name}-{weights}");
        ModelImporter.Import(source, target, format, new ProgressLine($"importing as {weights}"));
        Console.WriteLine($"Imported to {target}. Serve it with: streamcore --model {target}");
        return 0;
    }
}
