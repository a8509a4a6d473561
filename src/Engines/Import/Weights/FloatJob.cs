using System.Buffers;

namespace StreamCore.Engines.Import.Weights;

/// <summary>Weights that are read as floats.</summary>
internal abstract class FloatJob(WeightRows source) : WeightJob(source)
{
    protected override void Move(WeightFile file, int firstRow, int rows)
    {
        var buffer = ArrayPool<float>.Shared.Rent(rows * Source.Columns);
        Source.Read(firstRow, buffer.AsSpan(0, rows * Source.Columns));
        Convert(file, firstRow, rows, buffer);
        ArrayPool<float>.Shared.Return(buffer);
    }

    /// <summary>Converts and writes <paramref name="rows"/> rows from <paramref name="firstRow"/> on, which lie at the start of
    /// <paramref name="weights"/>.</summary>
    protected abstract void Convert(WeightFile file, int firstRow, int rows, float[] weights);
}
