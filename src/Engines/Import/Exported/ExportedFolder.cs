using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Exported;

/// <summary>Which files of a folder are an exported model.</summary>
internal static class ExportedFolder
{
    public const string GraphExtension = ".onnx";

    /// <summary>Where the folders of the Hub keep their graphs.</summary>
    private const string Subfolder = "onnx";

    /// <summary>Names of graphs, the one with the most of the model's precision first.</summary>
    private static readonly string[] GraphNames =
        ["model.onnx", "model_fp16.onnx", "model_q4.onnx", "model_q4f16.onnx", "decoder_with_past_model.onnx", "decoder_model.onnx"];

    /// <summary>Whether a folder looks like an exported model.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, GenaiConfig.FileName)) || KnownGraph(folder) is not null;

    /// <summary>The graph of a folder: the one that genai_config.json names, else the first of the known names, in the folder itself or in
    /// its folder 'onnx'; null if there is none.</summary>
    /// <exception cref="ModelFolderException">genai_config.json names none of the folder's files.</exception>
    public static string? FindGraph(string folder) => GenaiConfig.TryLoad(folder) is { } genai ? genai.GraphPath : KnownGraph(folder);

    /// <summary>The folder with the configuration and the tokenizer that belong to a graph.</summary>
    public static string ConfigFolder(string graph)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(graph))!;
        return Path.GetFileName(folder) == Subfolder && Path.GetDirectoryName(folder) is { } parent ? parent : folder;
    }

    /// <summary>Files that the import of a graph depends on.</summary>
    public static IEnumerable<string> Files(string graph) =>
        new[] { Path.GetDirectoryName(Path.GetFullPath(graph))!, ConfigFolder(graph) }.Distinct().SelectMany(Directory.GetFiles);

    private static string? KnownGraph(string folder) => !File.Exists(Path.Combine(folder, DecoderConfig.FileName))
        ? null
        : Array.Find([.. GraphNames.SelectMany(name => (string[])[Path.Combine(folder, name), Path.Combine(folder, Subfolder, name)])], File.Exists);
}
