using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamCore.Engines.Models;

/// <summary>What <c>streamcore.json</c> says about an imported model: everything the engine must know beside the graph itself.</summary>
public sealed record ModelMetadata
{
    public const string FileName = "streamcore.json";

    /// <summary>The only format this build reads and writes.</summary>
    public const int CurrentFormatVersion = 3;

    public int FormatVersion { get; init; } = CurrentFormatVersion;

    /// <summary>The model's own name, as its publisher spells it.</summary>
    public required string Name { get; init; }

    /// <summary>The family the graph was made for: <c>llama</c>, <c>qwen2</c> and so on.</summary>
    public required string Architecture { get; init; }

    /// <summary>Length of a row of logits.</summary>
    public required int VocabularySize { get; init; }

    public required int HiddenSize { get; init; }

    public required int LayerCount { get; init; }

    public required int HeadCount { get; init; }

    /// <summary>Heads of keys and values; each serves <c>HeadCount / KvHeadCount</c> query heads.</summary>
    public required int KvHeadCount { get; init; }

    public required int HeadSize { get; init; }

    /// <summary>Most tokens of one sequence, prompt and answer together.</summary>
    public required int MaxContextTokens { get; init; }

    public required RopeMetadata Rope { get; init; }

    /// <summary>A name that <see cref="WeightFormats"/> knows.</summary>
    public required string Weights { get; init; }

    /// <summary>Reads and checks the metadata of a model folder.</summary>
    /// <exception cref="ModelFolderException">The file is missing or wrong; the message says what to do.</exception>
    public static ModelMetadata Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            using var file = File.OpenRead(path);
            var metadata = JsonSerializer.Deserialize(file, ModelMetadataJson.Default.ModelMetadata);
            return metadata is null ? throw Unusable(path, "is empty") : metadata.Checked(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelFolderException(
                $"'{folder}' holds no {FileName}: make a model folder with 'streamcore import', or give the path of one.", error);
        }
        catch (JsonException error)
        {
            throw Unusable(path, $"is not what the importer writes ({OneLine(error.Message)})", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ModelFolderException($"'{path}' cannot be read: {OneLine(error.Message)}", error);
        }
    }

    /// <summary>Writes the file into a folder that exists, replacing the old one.</summary>
    public void Save(string folder)
    {
        using var file = File.Create(Path.Combine(folder, FileName));
        JsonSerializer.Serialize(file, this, ModelMetadataJson.Default.ModelMetadata);
    }

    private ModelMetadata Checked(string path)
    {
        var fault =
            FormatVersion != CurrentFormatVersion ? $"has format version {FormatVersion}, this build reads {CurrentFormatVersion}" :
            VocabularySize <= 0 || HiddenSize <= 0 || LayerCount <= 0 || MaxContextTokens <= 0 ? "gives a size that is not positive" :
            HeadCount <= 0 || KvHeadCount <= 0 || HeadCount % KvHeadCount != 0 ?
                $"gives {HeadCount} heads over {KvHeadCount} key/value heads" :
            HeadSize <= 0 || HeadSize % 2 != 0 ? $"gives a head size of {HeadSize}" :
            Rope.InverseFrequencies.Length != HeadSize / 2 ?
                $"gives {Rope.InverseFrequencies.Length} rotary frequencies for a head size of {HeadSize}" :
            null;
        return fault is null ? this : throw Unusable(path, fault);
    }

    private static ModelFolderException Unusable(string path, string fault, Exception? inner = null) =>
        new($"'{path}' {fault}: import the model again with 'streamcore import'.", inner);

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}

/// <summary>Rotary position embedding, halves rotated against each other.</summary>
public sealed record RopeMetadata
{
    /// <summary>Radians per token for each pair of dimensions: half the head size of them, scaling rules already applied.</summary>
    public required float[] InverseFrequencies { get; init; }

    /// <summary>Factor on both sine and cosine (YaRN's attention factor); 1 for most models.</summary>
    public float AttentionScale { get; init; } = 1f;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ModelMetadata))]
internal sealed partial class ModelMetadataJson : JsonSerializerContext;
