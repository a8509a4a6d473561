namespace StreamCore.Engines.Import.Weights;

/// <summary>8-bit weights with one scale for each output: codes [inputs, outputs], the source turned over, and scales [outputs].</summary>
internal sealed class ColumnJob(WeightRows source, long codesOffset, long scalesOffset) : WeightJob(source)
{
    /// <summary>Outputs that are turned over at a time: their codes fill whole cache lines.</summary>
    private const int Tile = 64;

    protected override void Convert(WeightFile file, int firstRow, int rows, float[] weights)
    {
        // Each input's codes of these outputs lie together, each input's run a whole width of the layer further on.
        var codes = new sbyte[Source.Columns * rows];
        var scales = new float[rows];
        Parallel.For(0, (rows + Tile - 1) / Tile, tile =>
        {
            var end = Math.Min(rows, (tile + 1) * Tile);
            for (var row = tile * Tile; row < end; row++)
                scales[row] = ConvertRow(weights.AsSpan(row * Source.Columns, Source.Columns));
            Turn(weights, codes, tile * Tile, end, rows);
        });
        for (var input = 0; input < Source.Columns; input++)
            file.Write<sbyte>(codesOffset + (long)input * Source.Rows + firstRow, codes.AsSpan(input * rows, rows));
        file.Write<float>(scalesOffset + (long)firstRow * sizeof(float), scales);
    }

    /// <summary>Divides a row by its scale; the quotients are within ±127.</summary>
    private float ConvertRow(Span<float> row)
    {
        var largest = MathF.Abs(BlockQuantizer.Largest(row));
        if (!float.IsFinite(largest)) throw NotFinite();
        var inverse = largest == 0 ? 0 : 127 / largest;
        foreach (ref var weight in row) weight *= inverse;
        return largest / 127;
    }

    private void Turn(float[] weights, sbyte[] codes, int firstRow, int endRow, int rows)
    {
        for (var input = 0; input < Source.Columns; input++)
        {
            var line = codes.AsSpan(input * rows, rows);
            for (var row = firstRow; row < endRow; row++)
                line[row] = (sbyte)MathF.Round(weights[row * Source.Columns + input]);
        }
    }
}
