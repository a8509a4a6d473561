using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Import.Weights;

namespace StreamCore.Engines.Import.Exported;

/// <summary>The forms that exporters give to linear layers and to the look-up of embeddings.</summary>
internal static class LinearPatterns
{
    private const string Microsoft = "com.microsoft";
    private const int MaxBlock = 1 << 12;
    private const int MaxSize = 100_000_000;

    /// <summary>The linear layer whose output a value is, bias included; null where it is something else.</summary>
    public static ExportedLinear? Find(ExportedGraph graph, string value) => graph.Maker(value) switch
    {
        { Op: "MatMul", Domain: "" } node => Float(graph, node, turned: true),
        { Op: "FusedMatMul", Domain: Microsoft } node when node.Integer("transA", 0) == 0 && node.Float("alpha", 1) == 1 =>
            Float(graph, node, turned: node.Integer("transB", 0) == 0),
        { Op: "Gemm", Domain: "" } node when node.Integer("transA", 0) == 0 && node.Float("alpha", 1) == 1 && node.Float("beta", 1) == 1 =>
            Float(graph, node, turned: node.Integer("transB", 0) == 0) is { } linear ? WithBias(graph, linear, node.Input(2)) : null,
        { Op: "MatMulNBits", Domain: Microsoft } node => Blocks(graph, node),
        { Op: "Add", Domain: "" } node => Sum(graph, node.Input(0), node.Input(1)) ?? Sum(graph, node.Input(1), node.Input(0)),
        _ => null,
    };

    /// <summary>The table that a value is looked up in by the graph's ids; null where it is something else.</summary>
    public static IWeightTensor? Embedding(ExportedGraph graph, string value)
    {
        var node = graph.Maker(value);
        if (node is null || !IsIds(graph, node.Input(1))) return null;
        if (node is { Op: "Gather", Domain: "" } && node.Integer("axis", 0) == 0) return Matrix(graph, node.Input(0), turned: false);
        return node is { Op: "GatherBlockQuantized", Domain: Microsoft } ? BlockTable(graph, node) : null;
    }

    private static bool IsIds(ExportedGraph graph, string value) => graph.IsInput(value) && graph.Root(value) == "input_ids";

    private static ExportedLinear? Float(ExportedGraph graph, GraphNode node, bool turned) =>
        Matrix(graph, node.Input(1), turned) is { } weights ? new ExportedLinear(node, node.Input(0), weights, null) : null;

    private static FloatMatrix? Matrix(ExportedGraph graph, string value, bool turned) =>
        graph.Matrix(value) is { } weights && weights.Tensor is { IsFloat: true, IsRaw: true } tensor && tensor.Shape.Length == 2 && tensor.Count > 0
            ? new FloatMatrix(tensor, turned ^ weights.Turned)
            : null;

    /// <summary>A layer and the bias that is added to it.</summary>
    private static ExportedLinear? Sum(ExportedGraph graph, string layer, string bias) =>
        graph.Constant(bias) is not null && graph.Constant(layer) is null && Find(graph, layer) is { Bias: null } linear ? WithBias(graph, linear, bias) : null;

    private static ExportedLinear WithBias(ExportedGraph graph, ExportedLinear linear, string bias)
    {
        if (bias.Length == 0) return linear;
        return graph.Constant(bias) is { IsFloat: true, IsRaw: true } tensor && tensor.Shape.Length == 1 && tensor.Count == linear.Outputs
            ? linear with { Bias = new FloatMatrix(tensor, turned: false) }
            : throw graph.Refuse(linear.Node, $"has a bias that is no vector of {linear.Outputs} floats");
    }

    private static ExportedLinear Blocks(ExportedGraph graph, GraphNode node)
    {
        var (inputs, outputs) = (node.Integer("K", 0), node.Integer("N", 0));
        var (bits, block) = (node.Integer("bits", 4), node.Integer("block_size", 32));
        if (bits is not (2 or 4 or 8) || block is < 16 or > MaxBlock || (block & (block - 1)) != 0)
            throw graph.Refuse(node, $"has {bits} bits in blocks of {block}, and only 2, 4 and 8 bits in blocks of a power of two can be imported");
        if (inputs is < 1 or > MaxSize || outputs is < 1 or > MaxSize) throw graph.Refuse(node, $"has sizes K {inputs} and N {outputs}");
        if (node.Input(4).Length > 0 || node.Integer("weight_prepacked", 0) != 0)
            throw graph.Refuse(node, "has its weights in an order that is not read (g_idx or weight_prepacked)");
        var form = Form(graph, node, node.Input(1), node.Input(2), node.Input(3), (int)bits, (int)block, zero: 1 << ((int)bits - 1));
        if (!form.Fits(outputs, (int)inputs, form.Blocks((int)inputs) * block))
            throw graph.Refuse(node, $"has weights of other sizes than K {inputs}, N {outputs}, {bits} bits and blocks of {block} ask for");
        var linear = new ExportedLinear(node, node.Input(0), new BlockMatrix(form, (int)outputs, (int)inputs), null);
        return WithBias(graph, linear, node.Input(5));
    }

    private static BlockMatrix BlockTable(ExportedGraph graph, GraphNode node)
    {
        var (bits, block) = (node.Integer("bits", 4), node.Integer("block_size", 128));
        var axes = (node.Integer("gather_axis", 0), node.Integer("quantize_axis", 1));
        if (bits is not (4 or 8) || block is < 16 or > MaxBlock || (block & (block - 1)) != 0 || axes.Item1 != 0 || axes.Item2 is not (1 or -1))
            throw graph.Refuse(node, $"has a table in a form that is not read ({bits} bits in blocks of {block} along axis {axes.Item2})");
        // Bytes hold codes whose 0 is in the middle; the types of 4 bits are numbers as they are.
        var codes = graph.Elements(node.Input(0)) ?? throw graph.Refuse(node, "has a table that is no constant");
        var zero = codes.Type == OnnxType.UInt4 ? 0 : 1 << ((int)bits - 1);
        var form = Form(graph, node, node.Input(0), node.Input(2), node.Input(3), (int)bits, (int)block, zero);
        var rows = graph.Constant(node.Input(2)) is { Shape.Length: 2 } scales ? scales.Shape[0] : 0;
        var columns = rows == 0 ? 0 : GraphTensor.BytesOf(codes.Type, codes.Count) * 8 / bits / rows;
        if (rows is < 1 or > MaxSize || columns is < 1 or > MaxSize || columns % block != 0 || !form.Fits(rows, (int)columns, columns))
            throw graph.Refuse(node, $"has a table of other sizes than {bits} bits and blocks of {block} ask for");
        return new BlockMatrix(form, (int)rows, (int)columns);
    }

    private static BlockForm Form(ExportedGraph graph, GraphNode node, string codes, string scales, string zeroPoints, int bits, int block, int zero)
    {
        if (graph.Elements(codes) is not { Type: OnnxType.UInt8 or OnnxType.UInt4 or OnnxType.Int4 } tensor || (tensor.Type != OnnxType.UInt8 && bits != 4)
            || graph.Elements(scales) is not { } scale)
            throw graph.Refuse(node, "has codes or scales that are no constants of the types that can be read");
        var points = zeroPoints.Length == 0 ? null : graph.Elements(zeroPoints) ?? throw graph.Refuse(node, "has zero points that are no constant");
        return new BlockForm(tensor, scale, points, bits, block, zero, tensor.Type == OnnxType.Int4);
    }
}
