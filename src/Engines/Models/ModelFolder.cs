using System.Text.Json;
using StreamCore.Engines.Import;
using StreamCore.Engines.Import.Exported;
using StreamCore.Engines.Import.Gguf;
using StreamCore.Engines.Import.Graph;
using StreamCore.Engines.Import.Safetensors;

namespace StreamCore.Engines.Models;

/// <summary>A folder with a language model: what it is, where its files are, and what they say about prompts and endings.
/// Read once; immutable.</summary>
public sealed class ModelFolder
{
    private const string TokenizerFile = "tokenizer.json";
    private const string TokenizerConfigFile = "tokenizer_config.json";
    private const string GenerationConfigFile = "generation_config.json";
    private const string ChatTemplateFile = "chat_template.jinja";

    private ModelFolder(string path, ModelFolderKind kind) => (FullPath, Kind) = (path, kind);

    public string FullPath { get; }

    public ModelFolderKind Kind { get; }

    public string TokenizerPath => FilePath(TokenizerFile);

    /// <summary>The graph of an imported model.</summary>
    public string GraphPath => FilePath(DecoderGraph.ModelFileName);

    /// <summary>Bytes of an imported model's weights.</summary>
    public long WeightBytes => new FileInfo(FilePath(DecoderGraph.DataFileName)).Length;

    /// <summary>Tokens that end an answer; empty if the folder names none.</summary>
    public required IReadOnlyList<int> EosTokenIds { get; init; }

    /// <summary>The token a text begins with, if the model has one.</summary>
    public required int? BosTokenId { get; init; }

    /// <summary>Whether <see cref="BosTokenId"/> is put before a prompt that is not made by the chat template (which writes its own).</summary>
    public required bool AddsBosToken { get; init; }

    /// <summary>The chat template (Jinja), if the model has one.</summary>
    public required string? ChatTemplate { get; init; }

    /// <summary>How the template spells the begin and end tokens.</summary>
    public required string? BosToken { get; init; }

    /// <inheritdoc cref="BosToken"/>
    public required string? EosToken { get; init; }

    /// <summary>Most tokens of one sequence, prompt and answer together.</summary>
    public required int MaxContextTokens { get; init; }

    /// <summary>Whether the folder holds a model of some kind.</summary>
    public static bool IsModel(string path) => TryRecognise(path, out _);

    /// <exception cref="ModelFolderException">The folder is no model folder.</exception>
    public static ModelFolderKind KindOf(string path)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return TryRecognise(folder, out var kind) ? kind : throw NotAModel(folder);
    }

    /// <exception cref="ModelFolderException">The folder is no model folder, one of its files is broken, or it is an ONNX export, of which
    /// only the import knows what it needs.</exception>
    public static ModelFolder Open(string path)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var kind = KindOf(folder);
        if (kind == ModelFolderKind.OnnxExport)
            throw new ModelFolderException($"'{folder}' is an ONNX export: import it with 'streamcore import' first.");

        using var config = ModelJson.Open(folder, DecoderConfig.FileName);
        using var generation = ModelJson.Open(folder, GenerationConfigFile);
        using var tokenizer = ModelJson.Open(folder, TokenizerConfigFile);
        return new ModelFolder(folder, kind)
        {
            EosTokenIds = generation.TokenIds("eos_token_id") ?? config.TokenIds("eos_token_id") ?? [],
            BosTokenId = (generation.TokenIds("bos_token_id") ?? config.TokenIds("bos_token_id"))?.FirstOrDefault(),
            AddsBosToken = tokenizer.Flag("add_bos_token") ?? PostProcessorAdds(folder, tokenizer.TokenText("bos_token")),
            ChatTemplate = ReadChatTemplate(folder, tokenizer),
            BosToken = tokenizer.TokenText("bos_token"),
            EosToken = tokenizer.TokenText("eos_token"),
            MaxContextTokens = kind == ModelFolderKind.Imported
                ? ModelMetadata.Load(folder).MaxContextTokens
                : DecoderConfig.Load(folder).MaxContextTokens,
        };
    }

    private string FilePath(string file) => Path.Combine(FullPath, file);

    private static bool TryRecognise(string folder, out ModelFolderKind kind)
    {
        kind = Has(ModelMetadata.FileName) ? ModelFolderKind.Imported
            : Has(DecoderConfig.FileName) && SafetensorsFolder.IsIn(folder) ? ModelFolderKind.Safetensors
            : ModelFolderKind.OnnxExport;
        return kind != ModelFolderKind.OnnxExport || ExportedFolder.IsIn(folder);

        bool Has(string file) => File.Exists(Path.Combine(folder, file));
    }

    private static ModelFolderException NotAModel(string folder) =>
        new(!Directory.Exists(folder)
            ? $"'{folder}' does not exist; give the path of a model folder."
            : $"'{folder}' is not a model folder: it has neither {ModelMetadata.FileName} (an imported model) nor " +
              $"{DecoderConfig.FileName} with {SafetensorsFolder.SingleFileName} or model.onnx (a model to import with 'streamcore import')" +
              (Directory.EnumerateFiles(folder, "*" + GgufFile.Extension).FirstOrDefault() is { } file ? $"; give the path of '{file}' itself." : "."));

    /// <summary>The template's own file, else the string in tokenizer_config.json, else the one called "default" of a list there.</summary>
    private static string? ReadChatTemplate(string folder, ModelJson tokenizer)
    {
        var path = Path.Combine(folder, ChatTemplateFile);
        if (File.Exists(path)) return File.ReadAllText(path);
        if (tokenizer.Find("chat_template") is not { } template) return null;
        if (template.ValueKind == JsonValueKind.String) return template.GetString();
        if (template.ValueKind == JsonValueKind.Array)
            foreach (var entry in template.EnumerateArray())
                if (IsDefault(entry))
                    return entry.GetProperty("template").GetString();
        throw tokenizer.Wrong("chat_template", "a string or a list with a template called \"default\"");
    }

    /// <summary>Newer folders say it in tokenizer.json only: a TemplateProcessing whose single sequence begins with the token.</summary>
    private static bool PostProcessorAdds(string folder, string? token)
    {
        if (token is null) return false;
        using var json = ModelJson.Open(folder, TokenizerFile);
        return json.Find("post_processor") is { } processor && BeginsWith(processor, token);
    }

    private static bool BeginsWith(JsonElement processor, string token)
    {
        if (processor.ValueKind != JsonValueKind.Object) return false;
        if (processor.TryGetProperty("processors", out var several) && several.ValueKind == JsonValueKind.Array)
            return several.EnumerateArray().Any(one => BeginsWith(one, token));
        return processor.TryGetProperty("single", out var pieces) && pieces.ValueKind == JsonValueKind.Array && pieces.GetArrayLength() > 0
            && pieces[0].ValueKind == JsonValueKind.Object && pieces[0].TryGetProperty("SpecialToken", out var special)
            && special.ValueKind == JsonValueKind.Object && special.TryGetProperty("id", out var id)
            && id.ValueKind == JsonValueKind.String && id.ValueEquals(token);
    }

    private static bool IsDefault(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Object
        && entry.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String && name.ValueEquals("default")
        && entry.TryGetProperty("template", out var template) && template.ValueKind == JsonValueKind.String;
}
