namespace StreamCore.Engines.Import.Weights;

/// <summary>Float weights as they are.</summary>
internal sealed class CopyJob(WeightRows source, long offset) : FloatJob(source)
{
    protected override void Convert(WeightFile file, int firstRow, int rows, float[] weights)
    {
        var values = weights.AsSpan(0, rows * Source.Columns);
        RequireFinite(values);
        file.Write<float>(offset + (long)firstRow * Source.Columns * sizeof(float), values);
    }
}
