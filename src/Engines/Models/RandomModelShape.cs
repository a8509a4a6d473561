using System.Text.Json;
using System.Text.Json.Nodes;
using StreamCore.Engines.Import.Safetensors;

namespace StreamCore.Engines.Models;

/// <summary>The sizes of a model to be made: what config.json says, and the tensors that follow from it.</summary>
internal sealed record RandomModelShape
{
    public required string Architecture { get; init; }
    public required int Vocabulary { get; init; }
    public required int Hidden { get; init; }
    public required int Layers { get; init; }
    public required int Heads { get; init; }
    public required int KvHeads { get; init; }
    public required int HeadSize { get; init; }
    public required int Mlp { get; init; }
    public required int Context { get; init; }
    public bool Tied { get; init; }
    public bool AttentionBias { get; init; }
    public bool MlpBias { get; init; }
    public double RopeTheta { get; init; } = 10_000;
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>rope_scaling as JSON, if any.</summary>
    public string? RopeScaling { get; init; }
    public SafetensorsType WeightType { get; init; } = SafetensorsType.BF16;

    private bool IsQwen => Architecture == "Qwen2ForCausalLM";

    public string ToConfig(int eosTokenId)
    {
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(Architecture),
            ["model_type"] = IsQwen ? "qwen2" : "llama",
            ["hidden_act"] = "silu",
            ["vocab_size"] = Vocabulary,
            ["hidden_size"] = Hidden,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = KvHeads,
            ["head_dim"] = HeadSize,
            ["intermediate_size"] = Mlp,
            ["max_position_embeddings"] = Context,
            ["rms_norm_eps"] = NormEpsilon,
            ["rope_theta"] = RopeTheta,
            ["rope_scaling"] = RopeScaling is null ? null : JsonNode.Parse(RopeScaling),
            ["tie_word_embeddings"] = Tied,
            ["torch_dtype"] = WeightType switch
            {
                SafetensorsType.F32 => "float32",
                SafetensorsType.F16 => "float16",
                _ => "bfloat16",
            },
            ["eos_token_id"] = eosTokenId,
        };
        if (!IsQwen) config["attention_bias"] = AttentionBias;
        if (!IsQwen) config["mlp_bias"] = MlpBias;
        return config.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    public IEnumerable<SafetensorsEntry> Tensors()
    {
        yield return Entry("model.embed_tokens.weight", Vocabulary, Hidden);
        for (var layer = 0; layer < Layers; layer++)
            foreach (var entry in LayerTensors($"model.layers.{layer}"))
                yield return entry;
        yield return Entry("model.norm.weight", Hidden);
        if (!Tied) yield return Entry("lm_head.weight", Vocabulary, Hidden);
    }

    private IEnumerable<SafetensorsEntry> LayerTensors(string layer)
    {
        var (queries, keys) = (Heads * HeadSize, KvHeads * HeadSize);
        return new[]
        {
            [Entry($"{layer}.input_layernorm.weight", Hidden), Entry($"{layer}.post_attention_layernorm.weight", Hidden)],
            Linear($"{layer}.self_attn.q_proj", queries, Hidden, IsQwen || AttentionBias),
            Linear($"{layer}.self_attn.k_proj", keys, Hidden, IsQwen || AttentionBias),
            Linear($"{layer}.self_attn.v_proj", keys, Hidden, IsQwen || AttentionBias),
            Linear($"{layer}.self_attn.o_proj", Hidden, queries, !IsQwen && AttentionBias),
            Linear($"{layer}.mlp.gate_proj", Mlp, Hidden, MlpBias),
            Linear($"{layer}.mlp.up_proj", Mlp, Hidden, MlpBias),
            Linear($"{layer}.mlp.down_proj", Hidden, Mlp, MlpBias),
        }.SelectMany(entries => entries);
    }

    private SafetensorsEntry[] Linear(string name, int outputs, int inputs, bool bias) =>
        bias
            ? [Entry($"{name}.weight", outputs, inputs), Entry($"{name}.bias", outputs)]
            : [Entry($"{name}.weight", outputs, inputs)];

    private SafetensorsEntry Entry(string name, params long[] shape) => new(name, WeightType, shape);
}
