using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Exported;

/// <summary>Questions to a graph that others exported, on the way back from its results to its weights. Nodes that change only the type or
/// the name of a value are looked through.</summary>
internal sealed class ExportedGraph
{
    private const string OtherExport = "get its float32, float16 or q4 export, or its safetensors folder";

    private const string Quantised = $"whose weights are quantised in a form that is not read: {OtherExport}";

    /// <summary>Operators that no way leads through, and what to say of them.</summary>
    private static readonly Dictionary<string, string> Hopeless = new()
    {
        ["If"] = "which chooses between two graphs: get the export that is not merged",
        ["Loop"] = $"which repeats a graph: {OtherExport}",
        ["Scan"] = $"which repeats a graph: {OtherExport}",
        ["MatMulInteger"] = Quantised,
        ["MatMulIntegerToFloat"] = Quantised,
        ["DynamicQuantizeMatMul"] = Quantised,
        ["QLinearMatMul"] = Quantised,
        ["DequantizeLinear"] = Quantised,
        ["MatMulBnb4"] = Quantised,
        ["MatMulFpQ4"] = Quantised,
    };

    private readonly OnnxGraphFile _file;

    /// <exception cref="ModelFolderException">The graph has an operator that no import can do.</exception>
    public ExportedGraph(OnnxGraphFile file)
    {
        _file = file;
        foreach (var node in file.Nodes)
            if (Hopeless.TryGetValue(node.Op, out var reason))
                throw new ModelFolderException($"'{Path}' has {node}, {reason}.");
    }

    public string Path => _file.Path;

    public bool IsOutput(string value) => _file.Outputs.Contains(value);

    public bool IsInput(string value) => _file.Inputs.Contains(Root(value)) && _file.Constant(Root(value)) is null;

    /// <summary>The value that another is but for its type.</summary>
    public string Root(string value)
    {
        while (_file.Producer(value) is { Op: "Cast" or "Identity", Domain: "" } node) value = node.Input(0);
        return value;
    }

    /// <summary>The node that makes a value.</summary>
    public GraphNode? Maker(string value) => _file.Producer(Root(value));

    public GraphTensor? Constant(string value) => _file.Constant(Root(value));

    /// <summary>The number that a constant of one element is.</summary>
    public double? Number(string value) => Constant(value) is { Count: 1 } constant && constant.Small() is { } numbers ? numbers[0] : null;

    /// <summary>The matrix that a value is, and whether its axes are the other way round.</summary>
    public (GraphTensor Tensor, bool Turned)? Matrix(string value)
    {
        if (Constant(value) is { } constant) return (constant, false);
        return Maker(value) is { Op: "Transpose", Domain: "" } node && Constant(node.Input(0)) is { } turned && turned.Shape.Length == 2
            && (!node.Attributes.TryGetValue("perm", out var order) || order.Integers is [1, 0])
                ? (turned, true)
                : null;
    }

    /// <summary>The constant that a value is but for its shape.</summary>
    public GraphTensor? Elements(string value) =>
        Constant(value) ?? (Maker(value) is { Op: "Reshape", Domain: "" } node ? Constant(node.Input(0)) : null);

    /// <summary>The reason to refuse the graph at a value.</summary>
    public ModelFolderException Refuse(string value, string wanted) =>
        new($"'{Path}' has {(Maker(value) is { } node ? node.ToString() : $"value '{Root(value)}'")} where {wanted} was looked for: " +
            $"only Llama, Mistral and Qwen2 models as Optimum and onnxruntime-genai write them can be imported; {OtherExport}.");

    public ModelFolderException Refuse(GraphNode node, string why) => new($"'{Path}': {node} {why}; {OtherExport}.");
}
