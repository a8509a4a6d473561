using StreamCore.Engines.Import.Safetensors;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>The tensors of a folder as a GGUF file has them.</summary>
internal static class GgufExportTensors
{
    public static List<GgufExportTensor> Of(SafetensorsModel source, GgufType type)
    {
        var config = source.Config;
        var (hidden, queries, keys) = (config.HiddenSize, config.HeadCount * config.HeadSize, config.KvHeadCount * config.HeadSize);
        var tableType = type == GgufType.Q4_0 ? GgufType.Q8_0 : type;
        var tensors = new List<GgufExportTensor>();
        AddMatrix("model.embed_tokens", tableType, config.VocabularySize, hidden);
        if (Factors(config) is { } factors)
            tensors.Add(new(new GgufEntry(GgufNames.RopeFactors, GgufType.F32, factors.Length), Source: null, HeadRows: 0, factors));
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            AddVector(prefix + "input_layernorm.weight", hidden);
            AddLinear(prefix + "self_attn.q_proj", queries, hidden, config.QkvBias);
            AddLinear(prefix + "self_attn.k_proj", keys, hidden, config.QkvBias);
            AddLinear(prefix + "self_attn.v_proj", keys, hidden, config.QkvBias);
            AddLinear(prefix + "self_attn.o_proj", hidden, queries, config.OutputBias);
            AddVector(prefix + "post_attention_layernorm.weight", hidden);
            AddLinear(prefix + "mlp.gate_proj", config.MlpSize, hidden, config.MlpBias);
            AddLinear(prefix + "mlp.up_proj", config.MlpSize, hidden, config.MlpBias);
            AddLinear(prefix + "mlp.down_proj", hidden, config.MlpSize, config.MlpBias);
        }
        AddVector("model.norm.weight", hidden);
        if (!config.TiedHead) AddMatrix("lm_head", tableType, config.VocabularySize, hidden);
        return tensors;

        void AddLinear(string name, int outputs, int inputs, bool bias)
        {
            AddMatrix(name, type, outputs, inputs);
            if (bias) AddVector($"{name}.bias", outputs);
        }

        void AddMatrix(string name, GgufType matrixType, int rows, int columns)
        {
            GgufTypes.TryGetBlock(matrixType, out var elements, out _);
            if (columns % elements != 0)
                throw new ModelFolderException($"Tensor '{name}.weight' has rows of {columns}, which are no whole blocks of {matrixType}; take F16 or F32.");
            Add($"{name}.weight", matrixType, rows, columns);
        }

        void AddVector(string name, int length) => Add(name, GgufType.F32, length);

        void Add(string name, GgufType entryType, params long[] shape)
        {
            var headRows = config.Family != "qwen2" && GgufNames.IsRotated(name) ? config.HeadSize : 0;
            tensors.Add(new(new GgufEntry(GgufNames.Of(name), entryType, shape), source.Find(name, shape), headRows, Factors: []));
        }
    }

    /// <summary>By how much each wave of the rotary embedding is longer than without scaling; null when none is.</summary>
    private static float[]? Factors(DecoderConfig config)
    {
        if (config.Rope.AttentionScale != 1)
            throw new ModelFolderException("Rotary scaling that sharpens attention cannot be written to a GGUF file.");
        var factors = new float[config.HeadSize / 2];
        for (var i = 0; i < factors.Length; i++)
            factors[i] = (float)(Math.Pow(config.RopeTheta, -2.0 * i / config.HeadSize) / config.Rope.Inverse[i]);
        return factors.Any(factor => MathF.Abs(factor - 1) > 1e-5f) ? factors : null;
    }
}
