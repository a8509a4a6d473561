using System.Text.Json;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import;

/// <summary>What config.json says about a decoder-only model of the Llama kind: RMS norms, rotary embedding, SwiGLU.
/// Whatever it says that the graph would not do is refused.</summary>
internal sealed record DecoderConfig
{
    public const string FileName = "config.json";

    /// <summary>Architectures and the families they belong to.</summary>
    private static readonly Dictionary<string, string> Families = new()
    {
        ["LlamaForCausalLM"] = "llama",
        ["MistralForCausalLM"] = "mistral",
        ["Qwen2ForCausalLM"] = "qwen2",
    };

    public required string Family { get; init; }
    public required int VocabularySize { get; init; }
    public required int HiddenSize { get; init; }
    public required int LayerCount { get; init; }
    public required int HeadCount { get; init; }
    public required int KvHeadCount { get; init; }
    public required int HeadSize { get; init; }
    public required int MlpSize { get; init; }
    public required int MaxContextTokens { get; init; }
    public required float NormEpsilon { get; init; }
    public required bool TiedHead { get; init; }
    public required bool QkvBias { get; init; }
    public required bool OutputBias { get; init; }
    public required bool MlpBias { get; init; }
    public required RopeFrequencies Rope { get; init; }

    /// <summary>The base of the rotary embedding, before any scaling.</summary>
    public required double RopeTheta { get; init; }

    public static DecoderConfig Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) throw new ModelFolderException($"'{path}' is missing; a Hugging Face model folder has it.");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            if (json.RootElement.ValueKind == JsonValueKind.Object) return Read(new ConfigReader(path, json.RootElement));
        }
        catch (JsonException)
        {
            // The line below says it.
        }
        throw new ModelFolderException($"'{path}' is not a JSON object.");
    }

    /// <exception cref="ModelFolderException">A value is missing or wrong, or the model is none that can be imported.</exception>
    public static DecoderConfig Read(ConfigReader config)
    {
        var family = ReadFamily(config);
        RefuseWhatIsNotDone(config);

        var hidden = config.Size("hidden_size");
        var heads = config.Size("num_attention_heads");
        var kvHeads = config.OptionalSize("num_key_value_heads") ?? heads;
        if (heads % kvHeads != 0)
            throw config.Unsupported("num_key_value_heads", $"{kvHeads}", $"it must divide num_attention_heads, {heads}");
        if (config.OptionalSize("head_dim") is null && hidden % heads != 0)
            throw config.Unsupported("hidden_size", $"{hidden}", $"without head_dim it must be a multiple of num_attention_heads, {heads}");
        var headSize = config.OptionalSize("head_dim") ?? hidden / heads;
        if (headSize % 2 != 0)
            throw config.Unsupported("head_dim", $"{headSize}", "rotary embedding needs an even one");

        var qwen = family == "qwen2";
        var attentionBias = config.OptionalFlag("attention_bias") ?? false;
        var trainedContext = config.Size("max_position_embeddings");
        var rope = RopeFrequencies.Read(config, headSize, trainedContext);
        return new DecoderConfig
        {
            Family = family,
            VocabularySize = config.Size("vocab_size"),
            HiddenSize = hidden,
            LayerCount = config.Size("num_hidden_layers"),
            HeadCount = heads,
            KvHeadCount = kvHeads,
            HeadSize = headSize,
            MlpSize = config.Size("intermediate_size"),
            MaxContextTokens = Math.Min(Math.Max(trainedContext, rope.MaxContextTokens), Window(config, qwen)),
            NormEpsilon = (float)config.Number("rms_norm_eps"),
            TiedHead = config.OptionalFlag("tie_word_embeddings") ?? false,
            QkvBias = qwen || attentionBias,
            OutputBias = !qwen && attentionBias,
            MlpBias = config.OptionalFlag("mlp_bias") ?? false,
            Rope = rope,
            RopeTheta = RopeFrequencies.Theta(config),
        };
    }

    private static string ReadFamily(ConfigReader config)
    {
        var names = config.OptionalTexts("architectures") ?? throw config.Missing("architectures");
        foreach (var name in names)
            if (Families.TryGetValue(name, out var family))
                return family;
        throw config.Unsupported("architectures", string.Join(", ", names), $"known ones: {string.Join(", ", Families.Keys)}");
    }

    private static void RefuseWhatIsNotDone(ConfigReader config)
    {
        if (config.OptionalText("hidden_act") is { } activation and not "silu" and not "swish")
            throw config.Unsupported("hidden_act", activation, "only silu can");
        if (config.OptionalNumber("partial_rotary_factor") is { } part and not 1)
            throw config.Unsupported("partial_rotary_factor", $"{part}", "only 1 can");
        if (config.OptionalObject("quantization_config") is { } quantized)
            throw config.Unsupported(
                "quantization_config", quantized.OptionalText("quant_method") ?? "set", "import the model it was made from instead");
    }

    /// <summary>Up to the length of a sliding window every token sees all others, so a shorter context needs no window.</summary>
    private static int Window(ConfigReader config, bool qwen)
    {
        var used = !qwen || (config.OptionalFlag("use_sliding_window") ?? false);
        return used ? config.OptionalSize("sliding_window") ?? int.MaxValue : int.MaxValue;
    }
}
