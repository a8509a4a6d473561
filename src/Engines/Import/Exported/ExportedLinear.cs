using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Import.Weights;

namespace StreamCore.Engines.Import.Exported;

/// <summary>A linear layer found in a graph: output = input · weightsᵀ + bias.</summary>
/// <param name="Node">That multiplies.</param>
/// <param name="Input">The value it is applied to.</param>
/// <param name="Weights">[outputs, inputs].</param>
internal sealed record ExportedLinear(GraphNode Node, string Input, IWeightTensor Weights, IWeightTensor? Bias)
{
    public long Outputs => Weights.Shape.Span[0];

    /// <summary>Some of its outputs, as a layer of their own.</summary>
    public ExportedLinear Rows(long first, long count) => this with
    {
        Weights = new MatrixRows(Weights, first, count),
        Bias = Bias is null ? null : new MatrixRows(Bias, first, count),
    };
}
