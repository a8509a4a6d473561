using System.Text.Json;
using System.Text.Json.Nodes;
using StreamCore.Engines.Import.Safetensors;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>The metadata of a folder as a GGUF file has them.</summary>
internal static class GgufExportMetadata
{
    public static void Write(GgufWriter writer, string folder, SafetensorsModel source)
    {
        var config = source.Config;
        // Mistral's tensors and arithmetic are llama's, and llama.cpp calls them so.
        var architecture = config.Family == "qwen2" ? "qwen2" : "llama";
        writer.Add("general.architecture", architecture);
        writer.Add("general.name", source.Name);
        writer.Add($"{architecture}.vocab_size", (uint)config.VocabularySize);
        writer.Add($"{architecture}.context_length", (uint)config.MaxContextTokens);
        writer.Add($"{architecture}.embedding_length", (uint)config.HiddenSize);
        writer.Add($"{architecture}.block_count", (uint)config.LayerCount);
        writer.Add($"{architecture}.feed_forward_length", (uint)config.MlpSize);
        writer.Add($"{architecture}.attention.head_count", (uint)config.HeadCount);
        writer.Add($"{architecture}.attention.head_count_kv", (uint)config.KvHeadCount);
        writer.Add($"{architecture}.attention.key_length", (uint)config.HeadSize);
        writer.Add($"{architecture}.attention.value_length", (uint)config.HeadSize);
        writer.Add($"{architecture}.attention.layer_norm_rms_epsilon", config.NormEpsilon);
        writer.Add($"{architecture}.rope.dimension_count", (uint)config.HeadSize);
        writer.Add($"{architecture}.rope.freq_base", (float)config.RopeTheta);
        WriteTokenizer(writer, ModelFolder.Open(folder), config.VocabularySize);
    }

    private static void WriteTokenizer(GgufWriter writer, ModelFolder folder, int size)
    {
        var json = ReadJson(folder.TokenizerPath);
        var name = GgufPreTokenizers.NameOf(json["pre_tokenizer"])
            ?? throw new ModelFolderException($"'{folder.TokenizerPath}': GGUF has no name for the pre-tokenizer.");
        var (spellings, kinds) = Tokens(json, size, folder.TokenizerPath);
        writer.Add("tokenizer.ggml.model", GgufVocabulary.ByteLevelModel);
        writer.Add("tokenizer.ggml.pre", name);
        writer.Add("tokenizer.ggml.tokens", spellings);
        writer.Add("tokenizer.ggml.token_type", [.. kinds.Select(kind => (int)kind)]);
        writer.Add("tokenizer.ggml.merges", [.. json["model"]!["merges"]!.AsArray().Select(MergeText)]);
        if (folder.EosTokenIds is [var end, ..]) writer.Add("tokenizer.ggml.eos_token_id", (uint)end);
        if (folder.BosTokenId is { } begin) writer.Add("tokenizer.ggml.bos_token_id", (uint)begin);
        writer.Add("tokenizer.ggml.add_bos_token", folder is { AddsBosToken: true, BosTokenId: not null });
        if (folder.ChatTemplate is { } template) writer.Add("tokenizer.chat_template", template);
    }

    private static JsonObject ReadJson(string path)
    {
        try
        {
            if (JsonNode.Parse(File.ReadAllBytes(path)) is JsonObject json && json["model"]?["merges"] is JsonArray && json["model"]?["vocab"] is JsonObject)
                return json;
        }
        catch (JsonException)
        {
            // The line below says it.
        }
        throw new ModelFolderException($"'{path}' is not a BPE tokenizer.");
    }

    private static (string[] Spellings, GgufTokenKind[] Kinds) Tokens(JsonObject json, int size, string path)
    {
        var (spellings, kinds) = (new string[size], new GgufTokenKind[size]);
        for (var id = 0; id < size; id++) (spellings[id], kinds[id]) = ($"[PAD{id}]", GgufTokenKind.Unused);
        foreach (var (spelling, id) in json["model"]!["vocab"]!.AsObject()) Set((int)id!, spelling, GgufTokenKind.Normal);
        foreach (var token in json["added_tokens"]?.AsArray() ?? [])
            Set((int)token!["id"]!, (string)token["content"]!, (bool)token["special"]! ? GgufTokenKind.Control : GgufTokenKind.UserDefined);
        return (spellings, kinds);

        void Set(int id, string spelling, GgufTokenKind kind)
        {
            if (id < 0 || id >= size) throw new ModelFolderException($"'{path}': token '{spelling}' has id {id}, but the model has only {size} tokens.");
            (spellings[id], kinds[id]) = (spelling, kind);
        }
    }

    /// <summary>Merges are written as "a b", or as ["a", "b"] in newer files.</summary>
    private static string MergeText(JsonNode? merge) => merge is JsonArray pair ? $"{pair[0]} {pair[1]}" : (string)merge!;
}
