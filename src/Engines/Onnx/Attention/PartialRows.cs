using System.Numerics;

namespace StreamCore.Engines.Onnx.Attention;

/// <summary>
/// Some rows' attention over a part of their context, where they lie in memory: of each row its weighted values, the total of the weights, and the
/// greatest score, against which both were taken. All arithmetic is of single numbers side by side, so the width of vectors changes no result.
/// </summary>
internal readonly unsafe struct PartialRows(float* start, int rows, int headSize)
{
    public float* Sums { get; } = start;

    public float* Totals { get; } = start + rows * headSize;

    public float* Greatest { get; } = start + rows * (headSize + 1);

    /// <summary>Floats of so many rows, in whole cache lines: threads write to neighbours.</summary>
    public static int Length(int rows, int headSize) => (rows * (headSize + 2) + 15) / 16 * 16;

    /// <summary>Adds the part of the context that follows, of which rows before <paramref name="firstRow"/> see nothing.</summary>
    public void Merge(in PartialRows next, int firstRow)
    {
        for (var row = firstRow; row < rows; row++)
        {
            var greatest = MathF.Max(Greatest[row], next.Greatest[row]);
            var weight = Lanes1.Exp(Greatest[row] - greatest);
            var nextWeight = Lanes1.Exp(next.Greatest[row] - greatest);
            Greatest[row] = greatest;
            Totals[row] = Totals[row] * weight + next.Totals[row] * nextWeight;
            var sums = Sums + row * headSize;
            var nextSums = next.Sums + row * headSize;
            var d = 0;
            for (; d + Vector<float>.Count <= headSize; d += Vector<float>.Count)
                (Vector.Load(sums + d) * weight + Vector.Load(nextSums + d) * nextWeight).Store(sums + d);
            for (; d < headSize; d++) sums[d] = sums[d] * weight + nextSums[d] * nextWeight;
        }
    }

    /// <summary>Writes the tile's output: its rows are whole now.</summary>
    public void Write(in LayerCall call, in QueryTile tile, int kvHead, AttentionShape shape)
    {
        var group = shape.GroupSize;
        for (var row = 0; row < rows; row++)
        {
            var output = call.Output + (long)(tile.Row + row / group) * shape.OutputWidth + (kvHead * group + row % group) * headSize;
            var sums = Sums + row * headSize;
            var inverse = 1f / Totals[row];
            var d = 0;
            for (; d + Vector<float>.Count <= headSize; d += Vector<float>.Count) (Vector.Load(sums + d) * inverse).Store(output + d);
            for (; d < headSize; d++) output[d] = sums[d] * inverse;
        }
    }
}
