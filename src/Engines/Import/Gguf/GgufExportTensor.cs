using StreamCore.Engines.Import.Weights;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>A tensor on its way into a GGUF file.</summary>
/// <param name="Source">Its elements; null for the factors that are given.</param>
/// <param name="HeadRows">As for <see cref="GgufTensor"/>.</param>
internal sealed record GgufExportTensor(GgufEntry Entry, IWeightTensor? Source, int HeadRows, float[] Factors)
{
    public void Read(long firstRow, Span<float> values)
    {
        if (Source is null)
        {
            Factors.AsSpan((int)firstRow, values.Length).CopyTo(values);
            return;
        }

        var columns = (int)(Entry.ElementCount / Entry.Shape[0]);
        if (HeadRows == 0)
        {
            Source.Read(firstRow * columns, values);
            return;
        }
        for (var row = 0; row < values.Length / columns; row++)
            Source.Read(SourceRow((int)firstRow + row, HeadRows) * columns, values.Slice(row * columns, columns));
    }

    /// <summary>The inverse of <see cref="GgufTensor.FileRow"/>.</summary>
    private static long SourceRow(int row, int headRows)
    {
        var (head, place) = (row / headRows, row % headRows);
        return head * headRows + place / 2 + (place % 2 == 0 ? 0 : headRows / 2);
    }
}
