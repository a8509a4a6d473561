using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Onnx;
using StreamCore.Engines.Onnx.Linear;
using StreamCore.Engines.Onnx.Native;
using StreamCore.Engines.Tests.Import;
using StreamCore.Engines.Tests.Reference;
using Xunit;

namespace StreamCore.Engines.Tests.Onnx;

/// <summary>The operators over panels as nodes of a graph: what they compute, and what they refuse.</summary>
public sealed class PanelNodeTests : IDisposable
{
    private const int Inputs = 40, Outputs = 20, Bits = 4;

    private static readonly Dictionary<string, long> Right = new()
    {
        ["weights"] = 0,
        ["bias"] = -1,
        ["gate"] = -1,
        ["gate_bias"] = -1,
        ["inputs"] = Inputs,
        ["outputs"] = Outputs,
        ["bits"] = Bits,
    };

    private readonly TempFolder _temp = new();
    private readonly PanelWeights _weights = new(Outputs, Inputs, Bits);

    public PanelNodeTests()
    {
        for (var output = 0; output < Outputs; output++)
            for (var input = 0; input < Inputs; input++)
            {
                _weights.SetCode(output, input, (output + input) % 16 - 8);
                _weights.SetScale(output, input, (Half)0.5);
            }
        File.WriteAllBytes(_temp["data"], _weights.Bytes);
    }

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_right_node_computes()
    {
        // All ones: scale and codes of the activations are exact.
        var sums = Enumerable.Range(0, Outputs).Select(o => Enumerable.Range(0, Inputs).Sum(i => _weights.Code(o, i)) * 0.5f).ToArray();
        foreach (var value in Linear(Right).Zip([.. sums, .. sums])) Assert.Equal(value.Second, value.First, 1e-4);
        Assert.Equal(Enumerable.Range(0, Inputs).Select(i => _weights.Code(19, i) * 0.5f), Embedding(Right, 19));
    }

    [Fact]
    public void A_gate_is_a_layer_of_the_same_file()
    {
        // The layer is its own gate.
        foreach (var (plain, gated) in Linear(Right).Zip(Linear(new(Right) { ["gate"] = 0 })))
            Assert.Equal(plain * plain / (1 + Math.Exp(-plain)), gated, 1e-3);
        foreach (var offset in (long[])[1, 1 << 30, long.MaxValue])
            Assert.Contains("data file", Assert.Throws<OrtException>(() => Linear(new(Right) { ["gate"] = offset })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("weights")]
    [InlineData("bias")]
    [InlineData("gate")]
    [InlineData("gate_bias")]
    [InlineData("inputs")]
    [InlineData("outputs")]
    [InlineData("bits")]
    public void A_node_without_an_attribute_is_refused_when_it_is_loaded(string missing)
    {
        var attributes = Right.Where(attribute => attribute.Key != missing).ToDictionary();
        Assert.Contains(missing, Assert.Throws<OrtException>(() => Linear(attributes)).Message, StringComparison.Ordinal);
        Assert.Contains(missing, Assert.Throws<OrtException>(() => Embedding(attributes, 0)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bits", 5)]
    [InlineData("bits", 0)]
    [InlineData("inputs", 0)]
    [InlineData("inputs", -40)]
    [InlineData("inputs", 1L << 40)]
    [InlineData("outputs", 0)]
    [InlineData("outputs", -1)]
    [InlineData("outputs", long.MaxValue)]
    [InlineData("outputs", 33)] // a panel more than the file has
    [InlineData("outputs", int.MaxValue)]
    [InlineData("bits", 8)]
    [InlineData("weights", 1)]
    [InlineData("weights", -1)]
    [InlineData("weights", 1 << 30)]
    [InlineData("weights", long.MaxValue)]
    [InlineData("weights", long.MinValue)]
    public void A_node_that_wants_what_the_data_file_does_not_hold_is_refused(string name, long value)
    {
        var attributes = new Dictionary<string, long>(Right) { [name] = value };
        Assert.Throws<OrtException>(() => Linear(attributes));
        Assert.Throws<OrtException>(() => Embedding(attributes, 0));
    }

    [Theory]
    [InlineData(1 << 30)]
    [InlineData(2 * 2 * 288 - 4 * Outputs + 1)]
    [InlineData(long.MaxValue)]
    public void A_bias_beyond_the_file_is_refused(long offset) =>
        Assert.Contains("data file", Assert.Throws<OrtException>(() => Linear(new(Right) { ["bias"] = offset })).Message, StringComparison.Ordinal);

    [Fact]
    public void An_input_of_another_width_or_a_row_that_is_not_there_is_refused()
    {
        Assert.Contains("columns", Assert.Throws<OrtException>(() => Linear(new(Right) { ["inputs"] = 41 })).Message, StringComparison.Ordinal);
        Assert.Contains("no row", Assert.Throws<OrtException>(() => Embedding(Right, Outputs)).Message, StringComparison.Ordinal);
        Assert.Contains("no row", Assert.Throws<OrtException>(() => Embedding(Right, -1)).Message, StringComparison.Ordinal);
        Assert.Contains("ticket", Assert.Throws<OrtException>(() => Linear(Right, hasEngine: false)).Message, StringComparison.Ordinal);
    }

    /// <summary>Two rows of ones through a layer.</summary>
    private float[] Linear(Dictionary<string, long> attributes, bool hasEngine = true)
    {
        using var x = new OrtTensor<float>(OrtLibrary.Load(null), "x", 2);
        x.Reshape(2, Inputs).Fill(1);
        return Run(OnnxOp.PanelLinear, attributes, x, OnnxType.Float, ["T", Inputs], 2, Outputs, hasEngine);
    }

    private float[] Embedding(Dictionary<string, long> attributes, long id)
    {
        using var ids = new OrtTensor<long>(OrtLibrary.Load(null), "x", 1);
        ids.Reshape(1)[0] = id;
        return Run(OnnxOp.PanelEmbedding, attributes, ids, OnnxType.Int64, ["T"], 1, Inputs);
    }

    private float[] Run(
        OnnxOp op, Dictionary<string, long> attributes, OrtTensor input, OnnxType type, OnnxDim[] shape, int rows, int columns, bool hasEngine = true)
    {
        var graph = new OnnxGraph("test", "data");
        graph.AddInput("x", type, shape);
        graph.AddInput("batch", OnnxType.Int64, 1);
        graph.AddOutput("y", OnnxType.Float, "T", columns);
        graph.AddNode(op, ["x", "batch"], ["y"], [.. attributes.Select(attribute => new OnnxAttribute(attribute.Key, attribute.Value))]);
        graph.Save(_temp["model.onnx"]);

        var library = OrtLibrary.Load(null);
        using var linears = new LinearLayers(new WeightMemory(_temp["data"]), LinearKernel.Create(LinearKernel.BestWidth), 2);
        var ticket = hasEngine ? OwnOps.Open(new OwnParts(null!, linears, null)) : -7;
        try
        {
            using var session = new OrtSession(library, _temp["model.onnx"], new OnnxOptions(), threads: 2);
            using var batch = new OrtTensor<long>(library, "batch", 1);
            using var output = new OrtTensor<float>(library, "y", 2);
            batch.Reshape(1)[0] = ticket;
            var result = output.Reshape(rows, columns);
            session.Run([input, batch], [output]);
            return result.ToArray();
        }
        finally
        {
            OwnOps.Close(ticket);
        }
    }
}
