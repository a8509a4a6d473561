using StreamCore.Engines.Import.Exported;
using StreamCore.Engines.Import.Gguf;
using StreamCore.Engines.Import.Graph;
using StreamCore.Engines.Import.Safetensors;
using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import;

/// <summary>Turns a model as its publisher gives it, a Hugging Face safetensors folder, a GGUF file or an ONNX export, into a StreamCore
/// model folder: a graph made for ragged batches, its weights in the chosen format, the tokenizer's files and streamcore.json.</summary>
public static class ModelImporter
{
    /// <summary>The format to import <paramref name="source"/> in when none is asked for: four bits where most of
    /// the weights of a GGUF file or an ONNX export have no more, else <see cref="WeightFormat.Int8"/>.</summary>
    /// <exception cref="ModelFolderException">The source cannot be imported.</exception>
    public static WeightFormat DefaultFormat(string source)
    {
        using var model = Open(source);
        return model.DefaultFormat;
    }

    /// <summary>Imports <paramref name="source"/>, a folder, a GGUF file or an ONNX file, into the new folder <paramref name="targetFolder"/>.
    /// Everything is checked before any weight is written, and the target appears whole or not at all.</summary>
    /// <exception cref="ModelFolderException">The source cannot be imported, or the target exists.</exception>
    public static ModelMetadata Import(
        string source, string targetFolder, WeightFormat format,
        IProgress<ImportProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var model = Open(source);
        var decoder = new DecoderGraph(model.Config, new DecoderTensors(model), format);
        var metadata = Metadata(model.Name, model.Config, format);
        NewFolder.Write(targetFolder, unfinished =>
        {
            model.WriteFiles(unfinished);
            WriteWeights(decoder, Path.Combine(unfinished, DecoderGraph.DataFileName), progress, cancellation);
            decoder.Graph.Save(Path.Combine(unfinished, DecoderGraph.ModelFileName));
            metadata.Save(unfinished);
        });
        return metadata;
    }

    /// <summary>The name of a model that is given none: a folder's, that of the folder an ONNX file belongs to, or a GGUF file's without its
    /// extension.</summary>
    public static string NameOf(string source) =>
        !File.Exists(source) ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source)))
        : IsGraph(source) ? Path.GetFileName(ExportedFolder.ConfigFolder(source))
        : Path.GetFileNameWithoutExtension(source);

    /// <summary>The files whose change makes another model of <paramref name="source"/>.</summary>
    /// <exception cref="ModelFolderException">The source cannot be imported.</exception>
    public static IReadOnlyList<string> SourceFiles(string source)
    {
        if (GraphOf(source) is { } graph) return [.. ExportedFolder.Files(graph)];
        return File.Exists(source) ? [source] : Directory.GetFiles(source);
    }

    private static IModelSource Open(string source)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source));
        if (GraphOf(path) is { } graph) return new ExportedModel(graph);
        if (Directory.Exists(path)) return new SafetensorsModel(path);
        return File.Exists(path) ? new GgufModel(path) : throw new ModelFolderException($"'{path}' does not exist.");
    }

    /// <summary>The graph of an ONNX export, which a source is itself or has among its files; null where it is none.</summary>
    private static string? GraphOf(string source)
    {
        if (File.Exists(source)) return IsGraph(source) ? source : null;
        return SafetensorsFolder.IsIn(source) ? null : ExportedFolder.FindGraph(source);
    }

    private static bool IsGraph(string path) => path.EndsWith(ExportedFolder.GraphExtension, StringComparison.OrdinalIgnoreCase);

    private static void WriteWeights(
        DecoderGraph decoder, string path, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        using var file = new WeightFile(path, decoder.Graph.DataBytes);
        var total = decoder.Jobs.Sum(job => job.Source.Count);
        var done = 0L;
        foreach (var job in decoder.Jobs)
            job.Run(file, count => progress?.Report(new ImportProgress(job.Source.Name, done += count, total)), cancellation);
    }

    private static ModelMetadata Metadata(string name, DecoderConfig config, WeightFormat format) => new()
    {
        Name = name,
        Architecture = config.Family,
        VocabularySize = config.VocabularySize,
        HiddenSize = config.HiddenSize,
        LayerCount = config.LayerCount,
        HeadCount = config.HeadCount,
        KvHeadCount = config.KvHeadCount,
        HeadSize = config.HeadSize,
        MaxContextTokens = config.MaxContextTokens,
        Rope = new RopeMetadata { InverseFrequencies = config.Rope.Inverse, AttentionScale = config.Rope.AttentionScale },
        Weights = WeightFormats.NameOf(format),
    };
}
