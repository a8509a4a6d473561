using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Import.Weights;

namespace StreamCore.Engines.Import.Graph;

/// <summary>
/// W8A8: 8-bit weights with a scale for each output, 8-bit activations with a scale for each token, integer products.
/// The runtime's integer product takes one activation scale for the whole batch, so each row is divided by its own before it and
/// multiplied by it after: DynamicQuantizeMatMul would do all that in one node, but lets one request's outliers spoil the others'.
/// </summary>
internal sealed class TokenScaledLinears(OnnxGraph graph, List<WeightJob> jobs) : LinearFormat(graph, jobs)
{
    /// <summary>Small beside any activation; keeps a row of zeros from being divided by zero.</summary>
    private const float Epsilon = 1e-12f;

    private const int EmbeddingBlockSize = 32;

    /// <summary>Inputs that are quantised already: several layers may read the same one.</summary>
    private readonly Dictionary<string, (string Codes, string Scale)> _quantized = [];

    public override string AddLinear(string output, string input, WeightRows weights, WeightRows? bias)
    {
        if (bias is null) return AddMatMul(output, output, input, weights);
        var product = AddMatMul(output, $"{output}.product", input, weights);
        return Graph.AddNode(OnnxOp.Standard("Add"), [product, AddFloats($"{output}.bias", bias)], [output]);
    }

    public override string AddEmbedding(string output, string ids, WeightRows table)
    {
        AddBlockEmbedding(output, ids, table, EmbeddingBlock(table, EmbeddingBlockSize));
        return output;
    }

    public override string AddHead(string output, string input, WeightRows weights, bool tied) =>
        AddMatMul(output, output, input, weights);

    private string AddMatMul(string name, string output, string input, WeightRows weights)
    {
        var (codes, scale) = QuantizeRows(input);
        var (weightCodes, weightScales) = ($"{name}.codes", $"{name}.scales");
        var codesOffset = Graph.AddWeights(weightCodes, OnnxType.Int8, weights.Columns, weights.Rows);
        var scalesOffset = Graph.AddWeights(weightScales, OnnxType.Float, weights.Rows);
        AddJob(new ColumnJob(weights, codesOffset, scalesOffset));

        var unscaled = Graph.AddNode(
            OnnxOp.Contributed("MatMulIntegerToFloat"), [codes, weightCodes, One(), weightScales, Middle()], [$"{output}.unscaled"]);
        return Graph.AddNode(OnnxOp.Standard("Mul"), [unscaled, scale], [output]);
    }

    /// <summary>Adds scale = (largest |x| of the row + ε) / 127 and codes = round(x / scale) + 128.</summary>
    private (string Codes, string Scale) QuantizeRows(string input)
    {
        if (_quantized.TryGetValue(input, out var known)) return known;
        var sizes = Graph.AddNode(OnnxOp.Standard("Abs"), [input], [$"{input}.sizes"]);
        // Axis 1, not -1: of an input without rows the runtime takes a negative axis for one that stays.
        var largest = Graph.AddNode(
            OnnxOp.Standard("ReduceMax"), [sizes], [$"{input}.largest"],
            new OnnxAttribute("axes", [1]), new OnnxAttribute("keepdims", 1));
        var positive = Graph.AddNode(
            OnnxOp.Standard("Add"), [largest, Graph.Constant("epsilon", OnnxType.Float, Epsilon)], [$"{input}.positive"]);
        var scale = Graph.AddNode(
            OnnxOp.Standard("Mul"), [positive, Graph.Constant("step", OnnxType.Float, 1f / 127)], [$"{input}.scale"]);
        var quotients = Graph.AddNode(OnnxOp.Standard("Div"), [input, scale], [$"{input}.quotients"]);
        var codes = Graph.AddNode(OnnxOp.Standard("QuantizeLinear"), [quotients, One(), Middle()], [$"{input}.codes"]);
        return _quantized[input] = (codes, scale);
    }

    private string One() => Graph.Constant("one", OnnxType.Float, 1f);

    /// <summary>The code of zero.</summary>
    private string Middle() => Graph.Constant("middle", OnnxType.UInt8, (byte)128);
}
