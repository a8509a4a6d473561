using StreamCore.Engines.Import.Graph;
using StreamCore.Engines.Import.Safetensors;
using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import;

/// <summary>Turns a Hugging Face safetensors folder into a StreamCore model folder: a graph made for ragged batches, its weights in the
/// chosen format, the tokenizer's files and streamcore.json.</summary>
public static class ModelImporter
{
    /// <summary>Files that the model folder takes over as they are, where the source has them.</summary>
    private static readonly string[] CopiedFiles =
        ["config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json"];

    /// <summary>Imports <paramref name="sourceFolder"/> into the new folder <paramref name="targetFolder"/>.
    /// Everything is checked before anything is written, and the target appears whole or not at all.</summary>
    /// <exception cref="ModelFolderException">The source cannot be imported, or the target exists.</exception>
    public static ModelMetadata Import(
        string sourceFolder, string targetFolder, WeightFormat format,
        IProgress<ImportProgress>? progress = null, CancellationToken cancellation = default)
    {
        var source = Path.TrimEndingDirectorySeparator(Path.GetFullPath(sourceFolder));
        if (!Directory.Exists(source)) throw new ModelFolderException($"'{source}' does not exist.");

        var config = DecoderConfig.Load(source);
        using var weights = SafetensorsFolder.Open(source);
        var decoder = new DecoderGraph(config, new DecoderTensors(source, weights, config), format);
        var metadata = Metadata(Path.GetFileName(source), config, format);
        NewFolder.Write(targetFolder, unfinished =>
        {
            WriteWeights(decoder, Path.Combine(unfinished, DecoderGraph.DataFileName), progress, cancellation);
            decoder.Graph.Save(Path.Combine(unfinished, DecoderGraph.ModelFileName));
            foreach (var file in CopiedFiles.Where(file => File.Exists(Path.Combine(source, file))))
                File.Copy(Path.Combine(source, file), Path.Combine(unfinished, file));
            metadata.Save(unfinished);
        });
        return metadata;
    }

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
