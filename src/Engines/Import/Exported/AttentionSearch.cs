using StreamCore.Engines.Import.OnnxFile;

namespace StreamCore.Engines.Import.Exported;

/// <summary>
/// Finds a layer's query, key and value projections. Where one operator attends, its inputs say which is which. Where attention is spelled
/// out, keys and values are what the cache's outputs are made of, and the query is the third layer that the result is made of.
/// What is spelled out is not followed step by step, as each version of an exporter spells it otherwise: only that nothing but known
/// operators take part.
/// </summary>
internal sealed class AttentionSearch(ExportedGraph graph)
{
    /// <summary>Operators that spell out attention, rotary embedding and masks.</summary>
    private static readonly HashSet<string> Known =
    [
        "Add", "And", "Cast", "CastLike", "Clip", "Concat", "Constant", "ConstantOfShape", "Cos", "CumSum", "Div", "Equal", "Expand", "Flatten", "Gather",
        "GatherElements", "GatherND", "Greater", "GreaterOrEqual", "Identity", "IsNaN", "Less", "LessOrEqual", "MatMul", "FusedMatMul", "Max", "Min", "Mul",
        "Neg", "Not", "Or", "Pow", "Range", "ReduceMax", "ReduceMin", "ReduceSum", "Reshape", "RotaryEmbedding", "ScatterElements", "ScatterND", "Sin", "Slice",
        "Softmax", "Split", "Sqrt", "Squeeze", "Sub", "Tile", "Transpose", "Trilu", "Unsqueeze", "Where",
    ];

    private readonly Dictionary<GraphNode, ExportedLinear> _linears = [];
    private readonly HashSet<GraphTensor> _constants = [];
    private readonly HashSet<string> _seen = [];
    private GraphNode? _attention;

    public static ExportedAttention Find(ExportedGraph graph, string result, int layer)
    {
        var search = new AttentionSearch(graph);
        search.Follow(result);
        return search._attention is { } node ? OfOperator(graph, node) : Spelled(graph, search, result, layer);
    }

    private static ExportedAttention OfOperator(ExportedGraph graph, GraphNode node)
    {
        if (node.Op == "GroupQueryAttention")
        {
            CheckGroupQuery(graph, node);
            if (node.Input(1).Length == 0 && node.Input(2).Length == 0) return Build(null, null);
        }
        else if (node.Op == "MultiHeadAttention" ? node.Input(3).Length > 0 || node.Input(1).Length == 0 || node.Input(2).Length == 0 : node.Domain.Length > 0)
            throw graph.Refuse(node, "has its projections inside, which is not read");
        return Build(node.Input(1), node.Input(2));

        ExportedAttention Build(string? key, string? value)
        {
            var constants = new HashSet<GraphTensor>();
            foreach (var cache in (string[])[node.Input(7), node.Input(8)])
                if (node.Op == "GroupQueryAttention" && node.Integer("do_rotary", 0) != 0 && graph.Constant(cache) is { IsFloat: true } table)
                    constants.Add(table);
            var query = Only(graph, node.Input(0), constants, "one query projection");
            return new ExportedAttention(
                query, key is null ? null : Only(graph, key, constants, "one key projection"),
                value is null ? null : Only(graph, value, constants, "one value projection"), node, constants);
        }
    }

    private static void CheckGroupQuery(ExportedGraph graph, GraphNode node)
    {
        for (var extra = 10; extra < node.Inputs.Count; extra++)
            if (node.Input(extra).Length > 0)
                throw graph.Refuse(node, $"has an input {extra} ('{node.Input(extra)}'), which is not done here");
        if (node.Integer("rotary_interleaved", 0) != 0) throw graph.Refuse(node, "turns neighbouring numbers (rotary_interleaved), which is not done here");
        if (node.Integer("smooth_softmax", 0) > 0) throw graph.Refuse(node, "has a smooth softmax, which is not done here");
    }

    private static ExportedAttention Spelled(ExportedGraph graph, AttentionSearch search, string result, int layer)
    {
        var (keyName, valueName) = ($"present.{layer}.key", $"present.{layer}.value");
        foreach (var name in (string[])[keyName, valueName])
            if (!graph.IsOutput(name))
                throw graph.Refuse(result, $"attention with an output '{name}'");
        var key = Only(graph, keyName, search._constants, "one key projection");
        var value = Only(graph, valueName, search._constants, "one value projection");
        var rest = search._linears.Values.Where(linear => linear.Node != key.Node && linear.Node != value.Node).ToList();
        if (rest.Count != 1 || key.Node == value.Node) throw graph.Refuse(result, "attention over one query, one key and one value projection");
        return new ExportedAttention(rest[0], key, value, null, search._constants);
    }

    /// <summary>The one linear layer that a value is made of.</summary>
    private static ExportedLinear Only(ExportedGraph graph, string value, HashSet<GraphTensor> constants, string wanted)
    {
        var search = new AttentionSearch(graph);
        search.Follow(value);
        constants.UnionWith(search._constants);
        return search._linears.Count == 1 ? search._linears.Values.Single() : throw graph.Refuse(value, wanted);
    }

    /// <summary>Goes back from a value to the linear layers it is made of.</summary>
    private void Follow(string from)
    {
        var open = new Stack<string>([from]);
        while (open.TryPop(out var value))
        {
            if (value.Length == 0 || !_seen.Add(graph.Root(value))) continue;
            if (graph.Constant(value) is { } constant)
            {
                if (constant.IsFloat) _constants.Add(constant);
                continue;
            }
            // A shape has nothing of the numbers that have it.
            if (graph.Maker(value) is not { } node || node.Op is "Shape" or "Size") continue;
            if (LinearPatterns.Find(graph, value) is { } linear) _linears[linear.Node] = linear;
            else if (node.Op is "GroupQueryAttention" or "MultiHeadAttention" or "Attention") _attention = node;
            else if (!Known.Contains(node.Op)) throw graph.Refuse(value, "a part of attention");
            else Step(node, open);
        }
    }

    private void Step(GraphNode node, Stack<string> open)
    {
        if (node.Op == "RotaryEmbedding" && (node.Integer("interleaved", 0) != 0 || node.Float("scale", 1) != 1))
            throw graph.Refuse(node, "turns neighbouring numbers (interleaved) or has a scale, which is not done here");
        foreach (var input in node.Inputs) open.Push(input);
    }
}
