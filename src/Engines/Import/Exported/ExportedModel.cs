using System.Text.Json;
using System.Text.Json.Nodes;
using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Exported;

/// <summary>A model that others exported as an ONNX graph: its weights are taken out of the graph, which is made anew for ragged batches.</summary>
internal sealed class ExportedModel : IModelSource
{
    private readonly string _folder;
    private readonly GenaiConfig? _genai;
    private readonly OnnxGraphFile _file;
    private readonly JsonObject? _configJson;
    private readonly Dictionary<string, IWeightTensor> _tensors = [];
    private readonly HashSet<string> _unused;

    /// <exception cref="ModelFolderException">A file is missing or broken, or the graph is none that can be imported.</exception>
    public ExportedModel(string graphPath)
    {
        _folder = ExportedFolder.ConfigFolder(graphPath);
        if (File.Exists(Path.Combine(_folder, ModelMetadata.FileName)))
            throw new ModelFolderException($"'{graphPath}' belongs to an imported model; give its folder, '{_folder}'.");
        _genai = File.Exists(Path.Combine(_folder, DecoderConfig.FileName)) ? null : GenaiConfig.TryLoad(_folder);
        RequireKnownFamily();
        _file = OnnxGraphFile.Open(graphPath);
        try
        {
            var decoder = new ExportedDecoder(new ExportedGraph(_file));
            _configJson = _genai?.ToConfig(decoder);
            Config = ReadConfig(decoder);
            AddTensors(decoder);
            _unused = [.. _tensors.Keys];
            Config = Config with
            {
                TiedHead = IsTied(decoder),
                QkvBias = Has("self_attn.q_proj.bias"),
                OutputBias = Has("self_attn.o_proj.bias"),
                MlpBias = Has("mlp.gate_proj.bias"),
            };
            if (Config.TiedHead) _unused.Remove("lm_head.weight");
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public string Name => Path.GetFileName(_folder);

    public DecoderConfig Config { get; }

    /// <summary>Four bits if most weights have no more: that keeps those of blocks without an offset as they are.</summary>
    public WeightFormat DefaultFormat
    {
        get
        {
            var matrices = _tensors.Where(entry => entry.Key.StartsWith("model.layers.", StringComparison.Ordinal)).Select(entry => entry.Value).ToList();
            var few = matrices.Where(tensor => tensor is BlockMatrix { BlockBits: <= 4 } or MatrixRows { BlockBits: > 0 and <= 4 }).Sum(tensor => tensor.ElementCount);
            return WeightFormats.Nearest(few, matrices.Sum(tensor => tensor.ElementCount));
        }
    }

    public IWeightTensor Find(string name, params ReadOnlySpan<long> shape)
    {
        if (!_tensors.TryGetValue(name, out var tensor))
            throw new ModelFolderException($"'{_file.Path}' has no weights for '{name}', which a {Config.Family} model has.");
        if (!tensor.Shape.Span.SequenceEqual(shape))
            throw new ModelFolderException(
                $"'{_file.Path}': '{tensor.Name}', taken for '{name}', has shape [{IWeightTensor.Text(tensor.Shape.Span)}], but the configuration asks for [{IWeightTensor.Text(shape)}].");
        _unused.Remove(name);
        return tensor;
    }

    public void WriteFiles(string folder)
    {
        // Weights that nothing reads mean that the model is another than its configuration says.
        if (_unused.FirstOrDefault() is { } unused)
            throw new ModelFolderException($"'{_file.Path}' has weights for '{unused}', which a {Config.Family} model has not; it cannot be imported.");
        HuggingFaceFiles.Copy(_folder, folder);
        if (_configJson is not null)
            File.WriteAllText(Path.Combine(folder, DecoderConfig.FileName), _configJson.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Refuses another family's model before its graph is refused for some node.</summary>
    private void RequireKnownFamily()
    {
        if (_genai is null) DecoderConfig.Load(_folder);
        else _ = _genai.Architecture;
    }

    private DecoderConfig ReadConfig(ExportedDecoder decoder)
    {
        var config = _configJson is null ? DecoderConfig.Load(_folder) : ReadMade(_configJson);
        Check(config, decoder);
        var rope = new ExportedRope(_file.Path, decoder.AttentionConstants, config.HeadSize);
        if (_configJson is not null) return config with { Rope = rope.Read(config.Rope.MaxContextTokens) };
        rope.Check(config.Rope);
        return config;
    }

    private DecoderConfig ReadMade(JsonObject made)
    {
        using var json = JsonDocument.Parse(made.ToJsonString());
        return DecoderConfig.Read(new ConfigReader(Path.Combine(_folder, GenaiConfig.FileName), json.RootElement));
    }

    /// <summary>Refuses a graph that computes otherwise than the configuration says.</summary>
    private void Check(DecoderConfig config, ExportedDecoder decoder)
    {
        if (decoder.Layers.Count != config.LayerCount) throw Differs("num_hidden_layers", decoder.Layers.Count, config.LayerCount);
        if (Math.Abs(decoder.Epsilon - config.NormEpsilon) > 0.1 * config.NormEpsilon) throw Differs("rms_norm_eps", decoder.Epsilon, config.NormEpsilon);
        foreach (var node in decoder.Layers.Select(layer => layer.Attention.Node).OfType<GraphNode>())
        {
            Same(node.Op == "Attention" ? "q_num_heads" : "num_heads", config.HeadCount);
            if (node.Op != "MultiHeadAttention") Same("kv_num_heads", config.KvHeadCount);
            var scale = node.Float("scale", 0);
            if (scale != 0 && Math.Abs(scale * Math.Sqrt(config.HeadSize) - 1) > 1e-3) throw Differs($"scale of {node}", scale, 1 / Math.Sqrt(config.HeadSize));
            if (node.Float("softcap", 0) != 0) throw Differs($"softcap of {node}", node.Float("softcap", 0), 0);
            if (node.Integer("local_window_size", -1) is > 0 and var window && window < config.MaxContextTokens)
                throw Differs($"local_window_size of {node}", window, config.MaxContextTokens);

            void Same(string attribute, int expected)
            {
                if (node.Integer(attribute, expected) != expected) throw Differs($"{attribute} of {node}", node.Integer(attribute, expected), expected);
            }
        }

        ModelFolderException Differs(string what, double inGraph, double expected) => new(
            FormattableString.Invariant($"'{_file.Path}': {what} is {inGraph:G6}, but the configuration asks for {expected:G6}; they do not belong together."));
    }

    private void AddTensors(ExportedDecoder decoder)
    {
        _tensors.Add("model.embed_tokens.weight", decoder.Embedding);
        _tensors.Add("model.norm.weight", decoder.FinalNorm);
        _tensors.Add("lm_head.weight", decoder.Head.Weights);
        for (var i = 0; i < decoder.Layers.Count; i++)
        {
            var (name, layer) = ($"model.layers.{i}", decoder.Layers[i]);
            _tensors.Add($"{name}.input_layernorm.weight", layer.AttentionNorm);
            _tensors.Add($"{name}.post_attention_layernorm.weight", layer.MlpNorm);
            var (queries, keys) = ((long)Config.HeadCount * Config.HeadSize, (long)Config.KvHeadCount * Config.HeadSize);
            if (layer.Attention.Key is null && layer.Attention.Query.Outputs != queries + 2 * keys)
                throw new ModelFolderException(
                    $"'{_file.Path}': {layer.Attention.Query.Node} makes {layer.Attention.Query.Outputs} numbers, but query, key and value are {queries + 2 * keys}.");
            foreach (var (part, linear) in layer.Linears(queries, keys))
            {
                _tensors.Add($"{name}.{part}.weight", linear.Weights);
                if (linear.Bias is not null) _tensors.Add($"{name}.{part}.bias", linear.Bias);
            }
        }
    }

    /// <summary>Whether one matrix is embedding and head: the graph has it once, or twice where config.json says that the two are one.</summary>
    private bool IsTied(ExportedDecoder decoder) => (decoder.Embedding, decoder.Head.Weights) switch
    {
        (FloatMatrix table, FloatMatrix head) => table.Tensor == head.Tensor || (Config.TiedHead && SameRows(table, head)),
        (BlockMatrix table, BlockMatrix head) => table.Form.Codes == head.Form.Codes && table.Form.Scales == head.Form.Scales,
        _ => false,
    };

    /// <summary>Compares some rows: two matrices that are alike in these are one.</summary>
    private static bool SameRows(FloatMatrix table, FloatMatrix head)
    {
        if (!table.Shape.Span.SequenceEqual(head.Shape.Span)) return false;
        var (rows, columns) = (table.Shape.Span[0], (int)table.Shape.Span[1]);
        var (one, other) = (new float[columns], new float[columns]);
        foreach (var row in (ReadOnlySpan<long>)[0, rows / 3, rows - 1])
        {
            table.Read(row * columns, one);
            head.Read(row * columns, other);
            if (!one.AsSpan().SequenceEqual(other)) return false;
        }
        return true;
    }

    private bool Has(string part) => _tensors.ContainsKey($"model.layers.0.{part}");
}
