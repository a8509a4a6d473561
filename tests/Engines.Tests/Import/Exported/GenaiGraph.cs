using System.Text.Json.Nodes;
using StreamCore.Engines.Import.OnnxFile;

namespace StreamCore.Engines.Tests.Import.Exported;

/// <summary>A decoder as the builder of onnxruntime-genai exports it: GroupQueryAttention with the rotary embedding inside, fused norms,
/// matrices in blocks or as floats.</summary>
internal sealed class GenaiGraph
{
    private readonly ExporterSource _source;
    private readonly GenaiForm _form;
    private readonly RawOnnx _graph = new();

    public GenaiGraph(ExporterSource source, GenaiForm form)
    {
        (_source, _form) = (source, form);
        var shape = source.Shape;
        _graph.Input("input_ids", OnnxType.Int64, "batch", "sequence");
        _graph.Input("attention_mask", OnnxType.Int64, "batch", "total");
        _graph.Output("logits", OnnxType.Float, "batch", "sequence", shape.Vocabulary);
        var (lengths, total) = Lengths();
        var (cos, sin) = Caches();

        var (residual, change) = (Embedding(), "");
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var x = Norm($"model.layers.{layer}.input_layernorm.weight", ref residual, change, last: false);
            change = Attention(layer, x, lengths, total, cos, sin);
            x = Norm($"model.layers.{layer}.post_attention_layernorm.weight", ref residual, change, last: false);
            change = Mlp($"model.layers.{layer}.mlp", x);
        }
        var end = Norm("model.norm.weight", ref residual, change, last: true);
        Product("lm_head", "logits", end, source.Find("lm_head.weight") ?? source.Read("model.embed_tokens.weight"), shape.Vocabulary);
    }

    /// <summary>What the matrices of a name stand for.</summary>
    public Dictionary<string, float[]> Values { get; } = [];

    public void Save(string path, string? dataFile = null) => _graph.Save(path, dataFile);

    /// <summary>What the builder writes beside the graph.</summary>
    public static void WriteConfig(string folder, ExporterSource source, string fileName, string type)
    {
        var shape = source.Shape;
        var config = new JsonObject
        {
            ["model"] = new JsonObject
            {
                ["bos_token_id"] = 1,
                ["context_length"] = shape.Context,
                ["decoder"] = new JsonObject
                {
                    ["filename"] = fileName,
                    ["head_size"] = shape.HeadSize,
                    ["hidden_size"] = shape.Hidden,
                    ["num_attention_heads"] = shape.Heads,
                    ["num_hidden_layers"] = shape.Layers,
                    ["num_key_value_heads"] = shape.KvHeads,
                },
                ["eos_token_id"] = new JsonArray(shape.Vocabulary - 1),
                ["pad_token_id"] = 0,
                ["type"] = type,
                ["vocab_size"] = shape.Vocabulary,
            },
            ["search"] = new JsonObject { ["max_length"] = shape.Context },
        };
        File.WriteAllText(Path.Combine(folder, "genai_config.json"), config.ToJsonString());
    }

    private (string Lengths, string Total) Lengths()
    {
        var sum = _graph.Node("ReduceSum", ["attention_mask", _graph.Ints(1)], new OnnxAttribute("keepdims", 0));
        var total = _graph.Node("Gather", [_graph.Node("Shape", ["attention_mask"]), _graph.Int(1)]);
        return (_graph.Node("Cast", [_graph.Node("Sub", [sum, _graph.Ints(1)])], new OnnxAttribute("to", 6)), _graph.Node("Cast", [total], new OnnxAttribute("to", 6)));
    }

    private (string Cos, string Sin) Caches()
    {
        var (shape, pairs) = (_source.Shape, _source.Shape.HeadSize / 2);
        var angles = Enumerable.Range(0, shape.Context * pairs).Select(i => i / pairs * Math.Pow(shape.RopeTheta, -2.0 * (i % pairs) / shape.HeadSize)).ToArray();
        return (Table("cos_cache", Math.Cos), Table("sin_cache", Math.Sin));

        string Table(string name, Func<double, double> function) =>
            _graph.Floats(name, [shape.Context, pairs], [.. angles.Select(angle => (float)function(angle))]);
    }

    private string Embedding()
    {
        var shape = _source.Shape;
        var weights = _source.Read("model.embed_tokens.weight");
        if (_form.BlockTable)
        {
            var blocks = Cut("lm_head", weights, shape.Vocabulary);
            var codes = _graph.Node("Reshape", [$"lm_head.weight_Q{_form.Bits}", _graph.Ints(shape.Vocabulary, shape.Hidden * _form.Bits / 8)]);
            Values["model.embed_tokens"] = blocks.Values;
            return _graph.Microsoft(
                "GatherBlockQuantized", [codes, "input_ids", "lm_head.weight_scales"],
                new OnnxAttribute("bits", _form.Bits), new OnnxAttribute("block_size", _form.Block),
                new OnnxAttribute("gather_axis", 0), new OnnxAttribute("quantize_axis", 1));
        }
        Values["model.embed_tokens"] = weights;
        return _graph.Node("Gather", [_graph.Floats("model.embed_tokens.weight", [shape.Vocabulary, shape.Hidden], weights), "input_ids"]);
    }

    private string Norm(string weight, ref string residual, string change, bool last)
    {
        var gain = _graph.Floats(weight, [_source.Shape.Hidden], _source.Read(weight));
        var epsilon = new OnnxAttribute("epsilon", (float)_source.Shape.NormEpsilon);
        if (change.Length == 0) return _graph.Node("SimplifiedLayerNormalization", [residual, gain], epsilon, new OnnxAttribute("axis", -1), new OnnxAttribute("stash_type", 1));
        var (output, sum) = ($"{weight}/output_0", $"{weight}/output_3");
        _graph.Node("SkipSimplifiedLayerNormalization", "com.microsoft", [residual, change, gain], last ? [output] : [output, "", "", sum], epsilon);
        residual = sum;
        return output;
    }

    private string Attention(int layer, string x, string lengths, string total, string cos, string sin)
    {
        var (shape, name) = (_source.Shape, $"model.layers.{layer}.self_attn");
        string[] parts = [$"{name}.q_proj", $"{name}.k_proj", $"{name}.v_proj"];
        int[] outputs = [_source.Queries, _source.Keys, _source.Keys];
        string[] inputs = _form.Packed ? [Packed(), "", ""] : [.. parts.Zip(outputs, (part, count) => Linear(part, x, count))];
        string[] outputNames = [$"{name}/output_0", $"present.{layer}.key", $"present.{layer}.value"];
        foreach (var kind in (string[])["key", "value"])
        {
            _graph.Input($"past_key_values.{layer}.{kind}", OnnxType.Float, "batch", shape.KvHeads, "past", shape.HeadSize);
            _graph.Output($"present.{layer}.{kind}", OnnxType.Float, "batch", shape.KvHeads, "total", shape.HeadSize);
        }
        _graph.Node(
            "GroupQueryAttention", "com.microsoft",
            [.. inputs, $"past_key_values.{layer}.key", $"past_key_values.{layer}.value", lengths, total, cos, sin], outputNames,
            [
                new OnnxAttribute("num_heads", shape.Heads), new OnnxAttribute("kv_num_heads", shape.KvHeads), new OnnxAttribute("do_rotary", 1),
                new OnnxAttribute("rotary_interleaved", 0), new OnnxAttribute("scale", 1 / MathF.Sqrt(shape.HeadSize)), new OnnxAttribute("local_window_size", -1),
                new OnnxAttribute("softcap", 0f), .. _form.AttentionAttributes,
            ]);
        return Linear($"{name}.o_proj", outputNames[0], shape.Hidden);

        string Packed()
        {
            var all = outputs.Sum();
            var product = Product($"{name}.qkv_proj", $"{name}.qkv_proj/output_0", x, [.. parts.SelectMany(part => _source.Read($"{part}.weight"))], all);
            if (_source.Find($"{parts[0]}.bias") is null) return product;
            return _graph.Node("Add", [product, _graph.Floats($"{name}.qkv_proj.bias", [all], [.. parts.SelectMany(part => _source.Read($"{part}.bias"))])]);
        }
    }

    private string Mlp(string name, string x)
    {
        var gate = Linear($"{name}.gate_proj", x, _source.Shape.Mlp);
        var active = _graph.Node("Mul", [gate, _graph.Node("Sigmoid", [gate])]);
        return Linear($"{name}.down_proj", _graph.Node("Mul", [active, Linear($"{name}.up_proj", x, _source.Shape.Mlp)]), _source.Shape.Hidden);
    }

    private string Linear(string name, string x, int outputs)
    {
        var product = Product(name, $"{name}/output_0", x, _source.Read($"{name}.weight"), outputs);
        return _source.Find($"{name}.bias") is { } bias ? _graph.Node("Add", [product, _graph.Floats($"{name}.bias", [outputs], bias)]) : product;
    }

    private string Product(string name, string output, string x, float[] weights, int outputs)
    {
        if (_form.Bits == 0)
        {
            Values[name] = weights;
            return _graph.Node(
                "MatMul", "", [x, _graph.Floats($"{name}.weight", [weights.Length / outputs, outputs], ExporterSource.Turned(weights, outputs))], [output]);
        }
        var blocks = Cut(name, weights, outputs);
        Values[name] = blocks.Values;
        string[] inputs = [x, $"{name}.weight_Q{_form.Bits}", $"{name}.weight_scales"];
        if (blocks.ZeroPoints is { } zeros) inputs = [.. inputs, _graph.Tensor($"{name}.weight_zp", OnnxType.UInt8, [zeros.Length], zeros)];
        return _graph.Node(
            "MatMulNBits", "com.microsoft", inputs, [output], new OnnxAttribute("K", weights.Length / outputs), new OnnxAttribute("N", outputs),
            new OnnxAttribute("bits", _form.Bits), new OnnxAttribute("block_size", _form.Block));
    }

    private BlockWeights Cut(string name, float[] weights, int outputs)
    {
        var blocks = new BlockWeights(weights, outputs, _form.Bits, _form.Block, _form.Offsets);
        var count = blocks.Scales.Length / outputs;
        _graph.Tensor($"{name}.weight_Q{_form.Bits}", OnnxType.UInt8, [outputs, count, _form.Block * _form.Bits / 8], blocks.Codes);
        _graph.Floats($"{name}.weight_scales", [outputs, count], blocks.Scales);
        return blocks;
    }
}

/// <summary>What can differ between such graphs.</summary>
/// <param name="Bits">Of the weights' codes; 0 for floats.</param>
internal sealed record GenaiForm(int Bits = 0, int Block = 32)
{
    /// <summary>Whether query, key and value are one matrix.</summary>
    public bool Packed { get; init; } = true;

    /// <summary>Whether blocks have zero points that differ.</summary>
    public bool Offsets { get; init; }

    /// <summary>Whether the embedding is the head's blocks.</summary>
    public bool BlockTable { get; init; }

    public OnnxAttribute[] AttentionAttributes { get; init; } = [];
}
