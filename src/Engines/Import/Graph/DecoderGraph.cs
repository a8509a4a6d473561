using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Graph;

/// <summary>
/// The graph of a decoder-only model made for ragged batches:
/// inputs input_ids [T] (the step's new tokens, all sequences one after the other), out_rows [R] (which of them want logits) and
/// batch [1] (handed through to the attention op, which knows the step and owns the cache); output logits [R, vocabulary].
/// Behind the last attention only the wanted rows go on. R may be 0.
/// </summary>
internal sealed class DecoderGraph
{
    public const string ModelFileName = "model.onnx";
    public const string DataFileName = "model.onnx.data";

    private const string Ids = "input_ids";
    private const string OutRows = "out_rows";
    private const string Batch = "batch";
    private const string Logits = "logits";

    private readonly DecoderConfig _config;
    private readonly DecoderTensors _tensors;
    private readonly LinearFormat _linears;
    private readonly List<WeightJob> _jobs = [];

    public DecoderGraph(DecoderConfig config, DecoderTensors tensors, WeightFormat format)
    {
        (_config, _tensors) = (config, tensors);
        Graph = new OnnxGraph("decoder", DataFileName);
        _linears = format switch
        {
            WeightFormat.Float32 => new FloatLinears(Graph, _jobs),
            WeightFormat.Int4Block32 => new PanelLinears(Graph, _jobs, Batch, bits: 4, tableBits: 8),
            WeightFormat.Int4Whole => new PanelLinears(Graph, _jobs, Batch, bits: 4, tableBits: 4),
            WeightFormat.Int8Block32 => new PanelLinears(Graph, _jobs, Batch, bits: 8, tableBits: 8),
            WeightFormat.Int4Block128 => new BlockLinears(Graph, _jobs, block: 128),
            WeightFormat.Int8 => new TokenScaledLinears(Graph, _jobs),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
        Build();
    }

    public OnnxGraph Graph { get; }

    /// <summary>What fills the data file, in the file's order.</summary>
    public IReadOnlyList<WeightJob> Jobs => _jobs;

    private void Build()
    {
        Graph.AddInput(Ids, OnnxType.Int64, "T");
        Graph.AddInput(OutRows, OnnxType.Int64, "R");
        Graph.AddInput(Batch, OnnxType.Int64, 1);
        Graph.AddOutput(Logits, OnnxType.Float, "R", _config.VocabularySize);

        var residual = _linears.AddEmbedding("embedding", Ids, _tensors.Embedding);
        var change = "";
        for (var layer = 0; layer < _config.LayerCount; layer++)
            AddLayer(layer, ref residual, ref change);
        var last = AddNorm("norm", _tensors.FinalNorm, ref residual, change, keepResidual: false);
        _linears.AddHead(Logits, last, _tensors.Head, _config.TiedHead);
    }

    /// <summary>Adds a layer. <paramref name="residual"/> + <paramref name="change"/> is the running sum before it and after it.</summary>
    private void AddLayer(int layer, ref string residual, ref string change)
    {
        var weights = _tensors.Layer(layer);
        var name = $"layers.{layer}";

        var x = AddNorm($"{name}.attention_norm", weights.AttentionNorm, ref residual, change);
        var qkv = _linears.AddLinear($"{name}.qkv", x, weights.Qkv, weights.QkvBias);
        var attention = Graph.AddNode(
            OnnxOp.RaggedAttention, [qkv, Batch], [$"{name}.attention"], new OnnxAttribute("layer", layer));
        if (layer == _config.LayerCount - 1)
        {
            attention = AddGather($"{name}.attention.wanted", attention);
            residual = AddGather($"{name}.residual.wanted", residual);
        }
        change = _linears.AddLinear($"{name}.attention_output", attention, weights.Output, weights.OutputBias);

        x = AddNorm($"{name}.mlp_norm", weights.MlpNorm, ref residual, change);
        var product = _linears.AddGated(name, x, weights.Gate, weights.GateBias, weights.Up, weights.UpBias);
        change = _linears.AddLinear($"{name}.down", product, weights.Down, weights.DownBias);
    }

    /// <summary>Adds the root-mean-square norm of residual + change; the sum becomes the new residual.</summary>
    private string AddNorm(string output, WeightRows gain, ref string residual, string change, bool keepResidual = true)
    {
        var weight = _linears.AddFloats($"{output}.weight", gain);
        var epsilon = new OnnxAttribute("epsilon", _config.NormEpsilon);
        if (change.Length == 0)
            return Graph.AddNode(
                OnnxOp.Standard("SimplifiedLayerNormalization"), [residual, weight], [output],
                epsilon, new OnnxAttribute("axis", -1), new OnnxAttribute("stash_type", 1));

        var sum = $"{output}.residual";
        Graph.AddNode(
            OnnxOp.Contributed("SkipSimplifiedLayerNormalization"), [residual, change, weight],
            keepResidual ? [output, "", "", sum] : [output], epsilon);
        residual = sum;
        return output;
    }

    private string AddGather(string output, string rows) =>
        Graph.AddNode(OnnxOp.Standard("Gather"), [rows, OutRows], [output], new OnnxAttribute("axis", 0));
}
