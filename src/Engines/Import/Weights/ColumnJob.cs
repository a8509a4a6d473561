using System.Buffers;

namespace StreamCore.Engines.Import.Weights;

/// <summary>8-bit weights with one scale for each output: codes [inputs, outputs], the source turned over, and scales [outputs].</summary>
internal sealed class ColumnJob(WeightRows source, long codesOffset, long scalesOffset) : FloatJob(source)
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
            var firstOfTile = tile * Tile;
            var count = Math.Min(Tile, rows - firstOfTile);
            var tileCodes = ArrayPool<sbyte>.Shared.Rent(count * Source.Columns);
            for (var row = 0; row < count; row++)
                scales[firstOfTile + row] = BlockQuantizer.Quantize8(
                    weights.AsSpan((firstOfTile + row) * Source.Columns, Source.Columns),
                    tileCodes.AsSpan(row * Source.Columns, Source.Columns));
            for (var input = 0; input < Source.Columns; input++)
                for (var row = 0; row < count; row++)
                    codes[input * rows + firstOfTile + row] = tileCodes[row * Source.Columns + input];
            ArrayPool<sbyte>.Shared.Return(tileCodes);
        });
        RequireFinite(scales);
        for (var input = 0; input < Source.Columns; input++)
            file.Write<sbyte>(codesOffset + (long)input * Source.Rows + firstRow, codes.AsSpan(input * rows, rows));
        file.Write<float>(scalesOffset + (long)firstRow * sizeof(float), scales);
    }
}
