using StreamCore.Engines.Import.OnnxFile;

namespace StreamCore.Engines.Tests.Import.Exported;

/// <summary>A decoder as Optimum exports it: everything in ONNX's own operators, matrices turned over and without names that say anything.</summary>
internal sealed class OptimumGraph
{
    private readonly ExporterSource _source;
    private readonly RawOnnx _graph = new();
    private int _matrices = 1000;

    /// <param name="source">The model.</param>
    /// <param name="headOfTable">Whether a tied head is the embedding turned over in the graph, rather than a matrix of its own.</param>
    public OptimumGraph(ExporterSource source, bool headOfTable = false)
    {
        _source = source;
        var shape = source.Shape;
        _graph.Input("input_ids", OnnxType.Int64, "batch", "sequence");
        _graph.Input("attention_mask", OnnxType.Int64, "batch", "total");
        _graph.Input("position_ids", OnnxType.Int64, "batch", "sequence");
        _graph.Output("logits", OnnxType.Float, "batch", "sequence", shape.Vocabulary);

        var table = _graph.Floats("model.embed_tokens.weight", [shape.Vocabulary, shape.Hidden], source.Read("model.embed_tokens.weight"));
        var x = _graph.Node("Gather", [table, "input_ids"]);
        var (cos, sin) = Rotation();
        var mask = Mask();
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var name = $"model.layers.{layer}";
            x = _graph.Node("Add", [x, Attention(layer, Norm($"{name}.input_layernorm.weight", x), cos, sin, mask)]);
            x = _graph.Node("Add", [x, Mlp($"{name}.mlp", Norm($"{name}.post_attention_layernorm.weight", x))]);
        }
        x = Norm("model.norm.weight", x);
        var head = shape.Tied && headOfTable
            ? _graph.Node("Transpose", [table], new OnnxAttribute("perm", [1, 0]))
            : Matrix(source.Find("lm_head.weight") ?? source.Read("model.embed_tokens.weight"), shape.Vocabulary);
        _graph.Node("MatMul", "", [x, head], ["logits"]);
    }

    public void Save(string path, string? dataFile = null) => _graph.Save(path, dataFile);

    public OptimumGraph Halved()
    {
        _graph.Halve();
        return this;
    }

    private string Norm(string weight, string x)
    {
        var gain = _graph.Floats(weight, [_source.Shape.Hidden], _source.Read(weight));
        var mean = _graph.Node("ReduceMean", [_graph.Node("Pow", [x, _graph.Float(2)])], new OnnxAttribute("axes", [-1]), new OnnxAttribute("keepdims", 1));
        var root = _graph.Node("Sqrt", [_graph.Node("Add", [mean, _graph.Float((float)_source.Shape.NormEpsilon)])]);
        return _graph.Node("Mul", [gain, _graph.Node("Mul", [x, _graph.Node("Div", [_graph.Float(1), root])])]);
    }

    private string Matrix(float[] weights, int outputs) =>
        _graph.Floats($"onnx::MatMul_{_matrices++}", [weights.Length / outputs, outputs], ExporterSource.Turned(weights, outputs));

    private string Linear(string name, string x, int outputs)
    {
        var product = _graph.Node("MatMul", [x, Matrix(_source.Read($"{name}.weight"), outputs)]);
        return _source.Find($"{name}.bias") is { } bias ? _graph.Node("Add", [_graph.Floats($"{name}.bias", [outputs], bias), product]) : product;
    }

    private string Mlp(string name, string x)
    {
        var gate = Linear($"{name}.gate_proj", x, _source.Shape.Mlp);
        var active = _graph.Node("Mul", [gate, _graph.Node("Sigmoid", [gate])]);
        return Linear($"{name}.down_proj", _graph.Node("Mul", [active, Linear($"{name}.up_proj", x, _source.Shape.Mlp)]), _source.Shape.Hidden);
    }

    private (string Cos, string Sin) Rotation()
    {
        var (shape, pairs) = (_source.Shape, _source.Shape.HeadSize / 2);
        var inverse = Enumerable.Range(0, pairs).Select(i => (float)Math.Pow(shape.RopeTheta, -2.0 * i / shape.HeadSize)).ToArray();
        var position = _graph.Node("Cast", [_graph.Node("Unsqueeze", ["position_ids", _graph.Ints(1)])], new OnnxAttribute("to", 1));
        var angles = _graph.Node(
            "Transpose", [_graph.Node("MatMul", [_graph.Floats("/model/rotary_emb/inv_freq", [1, pairs, 1], inverse), position])],
            new OnnxAttribute("perm", [0, 2, 1]));
        var all = _graph.Node("Concat", [angles, angles], new OnnxAttribute("axis", -1));
        return (Each("Cos"), Each("Sin"));

        string Each(string op) => _graph.Node("Unsqueeze", [_graph.Node(op, [all]), _graph.Ints(1)]);
    }

    /// <summary>0 where a position may look, else far below 0.</summary>
    private string Mask()
    {
        var total = _graph.Node("Gather", [_graph.Node("Shape", ["attention_mask"]), _graph.Int(1)]);
        var places = _graph.Node("Range", [_graph.Int(0), total, _graph.Int(1)]);
        var seen = _graph.Node("LessOrEqual", [places, _graph.Node("Unsqueeze", ["position_ids", _graph.Ints(1, 3)])]);
        return _graph.Node("Where", [seen, _graph.Float(0), _graph.Float(-1e9f)]);
    }

    private string Attention(int layer, string x, string cos, string sin, string mask)
    {
        var (shape, name) = (_source.Shape, $"model.layers.{layer}.self_attn");
        var query = Rotated(Heads(Linear($"{name}.q_proj", x, _source.Queries), shape.Heads));
        var key = Cached("key", Rotated(Heads(Linear($"{name}.k_proj", x, _source.Keys), shape.KvHeads)));
        var value = Cached("value", Heads(Linear($"{name}.v_proj", x, _source.Keys), shape.KvHeads));

        var scores = _graph.Node("MatMul", [query, _graph.Node("Transpose", [ForEachHead(key)], new OnnxAttribute("perm", [0, 1, 3, 2]))]);
        scores = _graph.Node("Add", [_graph.Node("Div", [scores, _graph.Float(MathF.Sqrt(shape.HeadSize))]), mask]);
        var mixed = _graph.Node("MatMul", [_graph.Node("Softmax", [scores], new OnnxAttribute("axis", -1)), ForEachHead(value)]);
        var rows = _graph.Node("Reshape", [_graph.Node("Transpose", [mixed], new OnnxAttribute("perm", [0, 2, 1, 3])), _graph.Ints(0, 0, _source.Queries)]);
        return Linear($"{name}.o_proj", rows, shape.Hidden);

        string Heads(string rowsOfAll, int heads) => _graph.Node(
            "Transpose", [_graph.Node("Reshape", [rowsOfAll, _graph.Ints(0, 0, heads, shape.HeadSize)])], new OnnxAttribute("perm", [0, 2, 1, 3]));

        string Rotated(string heads)
        {
            var (half, end) = (_graph.Ints(shape.HeadSize / 2), _graph.Ints(long.MaxValue));
            var first = _graph.Node("Slice", [heads, _graph.Ints(0), half, _graph.Ints(3)]);
            var second = _graph.Node("Slice", [heads, half, end, _graph.Ints(3)]);
            var turned = _graph.Node("Concat", [_graph.Node("Neg", [second]), first], new OnnxAttribute("axis", -1));
            return _graph.Node("Add", [_graph.Node("Mul", [heads, cos]), _graph.Node("Mul", [turned, sin])]);
        }

        string Cached(string kind, string heads)
        {
            var (past, present) = ($"past_key_values.{layer}.{kind}", $"present.{layer}.{kind}");
            _graph.Input(past, OnnxType.Float, "batch", shape.KvHeads, "past", shape.HeadSize);
            _graph.Output(present, OnnxType.Float, "batch", shape.KvHeads, "total", shape.HeadSize);
            return _graph.Node("Concat", "", [past, heads], [present], new OnnxAttribute("axis", -2));
        }

        string ForEachHead(string cache) => _graph.Node(
            "Reshape",
            [
                _graph.Node("Expand", [_graph.Node("Unsqueeze", [cache, _graph.Ints(2)]), _graph.Ints(1, 1, shape.Heads / shape.KvHeads, 1, 1)]),
                _graph.Ints(0, shape.Heads, -1, shape.HeadSize),
            ]);
    }
}
