using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Import.Weights;

namespace StreamCore.Engines.Import.Graph;

/// <summary>float32 weights, in the source's own layout ([outputs, inputs]), so a tied head is the embedding's very tensor.</summary>
internal sealed class FloatLinears(OnnxGraph graph, List<WeightJob> jobs) : LinearFormat(graph, jobs)
{
    private const string Table = "embedding.weight";

    public override string AddLinear(string output, string input, WeightRows weights, WeightRows? bias)
    {
        var weight = AddFloats($"{output}.weight", weights);
        return bias is null ? AddGemm(output, input, weight) : AddGemm(output, input, weight, AddFloats($"{output}.bias", bias));
    }

    public override string AddEmbedding(string output, string ids, WeightRows table) =>
        Graph.AddNode(OnnxOp.Standard("Gather"), [AddFloats(Table, table), ids], [output], new OnnxAttribute("axis", 0));

    public override string AddHead(string output, string input, WeightRows weights, bool tied) =>
        tied ? AddGemm(output, input, Table) : AddLinear(output, input, weights, bias: null);

    private string AddGemm(string output, params ReadOnlySpan<string> inputs) =>
        Graph.AddNode(OnnxOp.Standard("Gemm"), inputs, [output], new OnnxAttribute("transB", 1));
}
