using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import;

/// <summary>The tensors of a decoder-only model under the names the graph uses. All are looked up, and their shapes and types checked, at once.</summary>
internal sealed class DecoderTensors
{
    private readonly IModelSource _source;
    private readonly DecoderLayerTensors[] _layers;

    /// <exception cref="ModelFolderException">A tensor is missing, or has another shape than the configuration asks for.</exception>
    public DecoderTensors(IModelSource source)
    {
        _source = source;
        var config = source.Config;
        Embedding = Rows("model.embed_tokens.weight", config.VocabularySize, config.HiddenSize);
        _layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => FindLayer(layer, config))];
        FinalNorm = Rows("model.norm.weight", config.HiddenSize);
        Head = config.TiedHead ? Embedding : Rows("lm_head.weight", config.VocabularySize, config.HiddenSize);
    }

    public WeightRows Embedding { get; }

    public WeightRows FinalNorm { get; }

    /// <summary>From hidden state to logits; the embedding itself when the two are tied.</summary>
    public WeightRows Head { get; }

    public DecoderLayerTensors Layer(int layer) => _layers[layer];

    private DecoderLayerTensors FindLayer(int layer, DecoderConfig config)
    {
        var attention = $"model.layers.{layer}.self_attn";
        var mlp = $"model.layers.{layer}.mlp";
        var (hidden, inner) = (config.HiddenSize, config.MlpSize);
        var queries = config.HeadCount * config.HeadSize;
        var keys = config.KvHeadCount * config.HeadSize;
        return new DecoderLayerTensors
        {
            AttentionNorm = Rows($"model.layers.{layer}.input_layernorm.weight", hidden),
            Qkv = new WeightRows(
                _source.Find($"{attention}.q_proj.weight", queries, hidden),
                _source.Find($"{attention}.k_proj.weight", keys, hidden),
                _source.Find($"{attention}.v_proj.weight", keys, hidden)),
            QkvBias = !config.QkvBias
                ? null
                : new WeightRows(
                    _source.Find($"{attention}.q_proj.bias", queries),
                    _source.Find($"{attention}.k_proj.bias", keys),
                    _source.Find($"{attention}.v_proj.bias", keys)),
            Output = Rows($"{attention}.o_proj.weight", hidden, queries),
            OutputBias = config.OutputBias ? Rows($"{attention}.o_proj.bias", hidden) : null,
            MlpNorm = Rows($"model.layers.{layer}.post_attention_layernorm.weight", hidden),
            Gate = Rows($"{mlp}.gate_proj.weight", inner, hidden),
            GateBias = config.MlpBias ? Rows($"{mlp}.gate_proj.bias", inner) : null,
            Up = Rows($"{mlp}.up_proj.weight", inner, hidden),
            UpBias = config.MlpBias ? Rows($"{mlp}.up_proj.bias", inner) : null,
            Down = Rows($"{mlp}.down_proj.weight", hidden, inner),
            DownBias = config.MlpBias ? Rows($"{mlp}.down_proj.bias", hidden) : null,
        };
    }

    private WeightRows Rows(string name, params ReadOnlySpan<long> shape) => new(_source.Find(name, shape));
}
