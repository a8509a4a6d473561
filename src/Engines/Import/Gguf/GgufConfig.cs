using System.Text.Json.Nodes;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>What a GGUF file's metadata say about the model, in the words of config.json. Whatever they say that the graph would not do
/// is refused here or by <see cref="DecoderConfig"/>.</summary>
internal static class GgufConfig
{
    /// <summary>Architectures, and what Hugging Face calls them.</summary>
    private static readonly Dictionary<string, string> Architectures = new()
    {
        ["llama"] = "LlamaForCausalLM",
        ["qwen2"] = "Qwen2ForCausalLM",
    };

    /// <summary>Wider than any model's, and small enough for a table.</summary>
    private const int MaxHeadSize = 1 << 16;

    /// <summary>Numbers that change the arithmetic unless they are this.</summary>
    private static readonly (string Key, double Harmless)[] Neutral =
    [
        ("expert_count", 0), ("logit_scale", 1), ("embedding_scale", 1), ("residual_scale", 1), ("attention.clamp_kqv", 0),
        ("attention.max_alibi_bias", 0), ("attn_logit_softcapping", 0), ("final_logit_softcapping", 0), ("rope.scaling.attn_factor", 1),
        ("rope.scale_linear", 1),
    ];

    /// <exception cref="ModelFolderException">The model is none that can be imported, or a value is missing or wrong.</exception>
    public static JsonObject ToJson(GgufFile file)
    {
        var metadata = file.Metadata;
        var architecture = metadata.Word("general.architecture");
        if (!Architectures.TryGetValue(architecture, out var name))
            throw new ModelFolderException(
                $"'{file.Path}': general.architecture is {architecture}, which cannot be imported; known ones: {string.Join(", ", Architectures.Keys)}.");
        if (metadata.OptionalSize("split.count") is > 1 and var parts)
            throw new ModelFolderException($"'{file.Path}' is one of {parts} parts; put them together with 'llama-gguf-split --merge' first.");
        foreach (var (key, harmless) in Neutral)
            if (metadata.OptionalNumber($"{architecture}.{key}") is { } number && number != harmless)
                throw new ModelFolderException($"'{file.Path}': {architecture}.{key} is {number}, which cannot be imported; only {harmless} can.");

        var layers = metadata.Size($"{architecture}.block_count");
        if (layers > file.Tensors.Count)
            throw new ModelFolderException($"'{file.Path}': {architecture}.block_count is {layers}, but there are only {file.Tensors.Count} tensors; download it again.");
        var heads = metadata.Size($"{architecture}.attention.head_count");
        var hidden = metadata.Size($"{architecture}.embedding_length");
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(name),
            ["model_type"] = architecture,
            ["hidden_act"] = "silu",
            ["vocab_size"] = VocabularySize(file),
            ["hidden_size"] = hidden,
            ["num_hidden_layers"] = layers,
            ["num_attention_heads"] = heads,
            ["num_key_value_heads"] = metadata.OptionalSize($"{architecture}.attention.head_count_kv") ?? heads,
            ["intermediate_size"] = metadata.Size($"{architecture}.feed_forward_length"),
            ["max_position_embeddings"] = metadata.Size($"{architecture}.context_length"),
            ["rms_norm_eps"] = metadata.OptionalNumber($"{architecture}.attention.layer_norm_rms_epsilon")
                ?? throw metadata.Missing($"{architecture}.attention.layer_norm_rms_epsilon"),
            ["rope_theta"] = metadata.OptionalNumber($"{architecture}.rope.freq_base") ?? 10_000,
            ["tie_word_embeddings"] = !file.Tensors.ContainsKey(GgufNames.Of("lm_head.weight")),
        };
        var headSize = HeadSize(metadata, architecture);
        if (headSize is not null) config["head_dim"] = headSize;
        if ((headSize ?? hidden / heads) > MaxHeadSize)
            throw new ModelFolderException($"'{file.Path}': its metadata give heads a width of {headSize ?? hidden / heads}; download it again.");
        if (metadata.OptionalSize($"{architecture}.attention.sliding_window") is { } window)
            (config["sliding_window"], config["use_sliding_window"]) = (window, true);
        if (RopeScaling(metadata, $"{architecture}.rope.scaling") is { } scaling) config["rope_scaling"] = scaling;
        return config;
    }

    /// <summary>Files need not say it: the embedding has a row for each token.</summary>
    private static int VocabularySize(GgufFile file)
    {
        var name = GgufNames.Of("model.embed_tokens.weight");
        return file.Tensors.TryGetValue(name, out var embedding)
            ? (int)Math.Min(embedding.Shape[0], int.MaxValue)
            : throw new ModelFolderException($"'{file.Path}' has no tensor '{name}', which its metadata asks for.");
    }

    private static int? HeadSize(GgufMetadata metadata, string architecture)
    {
        var keys = metadata.OptionalSize($"{architecture}.attention.key_length");
        var values = metadata.OptionalSize($"{architecture}.attention.value_length");
        var rotated = metadata.OptionalSize($"{architecture}.rope.dimension_count");
        var size = keys ?? rotated;
        foreach (var (key, other) in new[] { ("attention.value_length", values), ("rope.dimension_count", rotated) })
            if (other is not null && other != size)
                throw new ModelFolderException($"'{metadata.Path}': {architecture}.{key} is {other}, but heads are {size} wide; that cannot be imported.");
        return size;
    }

    private static JsonObject? RopeScaling(GgufMetadata metadata, string key)
    {
        var type = metadata.OptionalWord($"{key}.type");
        if (type is null or "none") return null;
        var scaling = new JsonObject { ["rope_type"] = type };
        Copy("factor", "factor");
        Copy("original_context_length", "original_max_position_embeddings");
        Copy("yarn_beta_fast", "beta_fast");
        Copy("yarn_beta_slow", "beta_slow");
        return scaling;

        void Copy(string from, string to)
        {
            if (metadata.OptionalNumber($"{key}.{from}") is { } number) scaling[to] = number == Math.Floor(number) && Math.Abs(number) < int.MaxValue ? (int)number : number;
        }
    }
}
