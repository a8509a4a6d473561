using System.Buffers;
using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Import.Weights;

namespace StreamCore.Engines.Import.Exported;

/// <summary>Float weights of an exported graph, rows first.</summary>
/// <param name="tensor">Of a float type, with its numbers in a file.</param>
/// <param name="turned">Whether the graph has the matrix turned over: [inputs, outputs].</param>
internal sealed class FloatMatrix(GraphTensor tensor, bool turned) : IWeightTensor
{
    public string Name => tensor.Name;

    public ReadOnlyMemory<long> Shape { get; } = turned ? new[] { tensor.Shape[1], tensor.Shape[0] } : tensor.Shape.ToArray();

    public long ElementCount => tensor.Count;

    /// <summary>The graph's own tensor: two matrices over one are the same weights.</summary>
    public GraphTensor Tensor => tensor;

    public void Read(long first, Span<float> destination)
    {
        if (!turned)
        {
            tensor.ReadFloats(first, destination);
            return;
        }

        // Of each input the rows that are wanted lie together.
        var (all, inputs) = (Shape.Span[0], (int)Shape.Span[1]);
        var (firstRow, rows) = (first / inputs, destination.Length / inputs);
        var column = ArrayPool<float>.Shared.Rent(rows);
        for (var input = 0; input < inputs; input++)
        {
            tensor.ReadFloats(input * all + firstRow, column.AsSpan(0, rows));
            for (var row = 0; row < rows; row++) destination[row * inputs + input] = column[row];
        }
        ArrayPool<float>.Shared.Return(column);
    }
}
