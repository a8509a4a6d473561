using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Graph;

/// <summary>
/// Weights in panels (<see cref="PanelLayout"/>), multiplied by an operator of ours with activations cut to 8 bits in the same blocks of 32;
/// the embedding is read from such panels too, which lie in the file once when it is tied to the head.
/// </summary>
/// <param name="graph">Where nodes are added.</param>
/// <param name="jobs">Where the work of writing weights is added.</param>
/// <param name="batch">The graph's input that holds the engine's ticket.</param>
/// <param name="bits">Of the layers: 4 or 8.</param>
/// <param name="tableBits">Of embedding and head: 4 or 8.</param>
internal sealed class PanelLinears(OnnxGraph graph, List<WeightJob> jobs, string batch, int bits, int tableBits) : LinearFormat(graph, jobs)
{
    public const string WeightsAttribute = "weights";
    public const string BiasAttribute = "bias";
    public const string GateAttribute = "gate";
    public const string GateBiasAttribute = "gate_bias";
    public const string InputsAttribute = "inputs";
    public const string OutputsAttribute = "outputs";
    public const string BitsAttribute = "bits";

    private long _table;

    public override string AddLinear(string output, string input, WeightRows weights, WeightRows? bias)
    {
        var (offset, biasOffset) = (AddPanels(weights, bits), AddBias(bias));
        return AddNode(OnnxOp.PanelLinear, output, input, weights, offset, biasOffset, bits);
    }

    public override string AddGated(string layer, string input, WeightRows gate, WeightRows? gateBias, WeightRows weights, WeightRows? bias)
    {
        var (gateOffset, gateBiasOffset) = (AddPanels(gate, bits), AddBias(gateBias));
        var (offset, biasOffset) = (AddPanels(weights, bits), AddBias(bias));
        return AddNode(OnnxOp.PanelLinear, $"{layer}.product", input, weights, offset, biasOffset, bits, gateOffset, gateBiasOffset);
    }

    public override string AddEmbedding(string output, string ids, WeightRows table)
    {
        _table = AddPanels(table, tableBits);
        return AddNode(OnnxOp.PanelEmbedding, output, ids, table, _table, -1, tableBits);
    }

    public override string AddHead(string output, string input, WeightRows weights, bool tied) =>
        AddNode(OnnxOp.PanelLinear, output, input, weights, tied ? _table : AddPanels(weights, tableBits), -1, tableBits);

    private string AddNode(
        OnnxOp op, string output, string input, WeightRows weights, long offset, long biasOffset, int ofBits, long gateOffset = -1,
        long gateBiasOffset = -1) =>
        Graph.AddNode(
            op, [input, batch], [output],
            new OnnxAttribute(WeightsAttribute, offset), new OnnxAttribute(BiasAttribute, biasOffset),
            new OnnxAttribute(GateAttribute, gateOffset), new OnnxAttribute(GateBiasAttribute, gateBiasOffset),
            new OnnxAttribute(InputsAttribute, weights.Columns), new OnnxAttribute(OutputsAttribute, weights.Rows),
            new OnnxAttribute(BitsAttribute, ofBits));

    private long AddBias(WeightRows? bias)
    {
        if (bias is null) return -1;
        var offset = Graph.Reserve(bias.Count * sizeof(float));
        AddJob(new CopyJob(bias, offset));
        return offset;
    }

    private long AddPanels(WeightRows weights, int ofBits)
    {
        var offset = Graph.Reserve(PanelLayout.Bytes(weights.Rows, weights.Columns, ofBits));
        AddJob(new PanelJob(weights, ofBits, offset));
        return offset;
    }
}
