namespace StreamCore.Engines.Import.Weights;

/// <summary>Weights on their way from the source into the data file, in the form one graph node wants.</summary>
internal abstract class WeightJob(WeightRows source)
{
    /// <summary>16 MB of floats at a time: a few rows of a wide layer, never a whole model.</summary>
    private const int ChunkElements = 4 << 20;

    public WeightRows Source { get; } = source;

    /// <summary>Rows that are converted together: a chunk holds whole groups of them, but for the last.</summary>
    protected virtual int RowsTogether => 1;

    /// <summary>Reads, converts and writes everything, a chunk of rows at a time.</summary>
    public void Run(WeightFile file, Action<long> written, CancellationToken cancellation)
    {
        var groups = Math.Max(1, ChunkElements / Source.Columns / RowsTogether);
        var chunkRows = Math.Min(Source.Rows, groups * RowsTogether);
        for (var row = 0; row < Source.Rows; row += chunkRows)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = Math.Min(chunkRows, Source.Rows - row);
            Move(file, row, rows);
            written((long)rows * Source.Columns);
        }
    }

    /// <summary>Reads, converts and writes <paramref name="rows"/> rows from <paramref name="firstRow"/> on.</summary>
    protected abstract void Move(WeightFile file, int firstRow, int rows);

    /// <summary>Refuses weights, or scales that came of weights, that are not numbers.</summary>
    protected void RequireFinite(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
            if (!float.IsFinite(value))
                throw Source.NotFinite();
    }
}
