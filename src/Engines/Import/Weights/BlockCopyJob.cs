using System.Runtime.InteropServices;

namespace StreamCore.Engines.Import.Weights;

/// <summary>Weights that lie in blocks of the wanted size already: their codes and scales are kept as they are, in the same layout as
/// <see cref="BlockJob"/>'s, and nothing is lost.</summary>
internal sealed class BlockCopyJob(WeightRows source, int bits, int block, long codesOffset, long scalesOffset) : WeightJob(source)
{
    protected override void Move(WeightFile file, int firstRow, int rows)
    {
        var (rowCodes, rowScales) = (Source.Columns * bits / 8, Source.Columns / block);
        var codes = new byte[rows * Source.Columns];
        var scales = new float[rows * rowScales];
        Source.ReadBlocks(firstRow, MemoryMarshal.Cast<byte, sbyte>(codes.AsSpan()), scales);
        RequireFinite(scales);
        if (bits == 4) Pack4(codes);
        else foreach (ref var code in codes.AsSpan()) code ^= 0x80;
        file.Write<byte>(codesOffset + (long)firstRow * rowCodes, codes.AsSpan(0, rows * rowCodes));
        file.Write<float>(scalesOffset + (long)firstRow * rowScales * sizeof(float), scales);
    }

    /// <summary>Two codes to a byte, the first in the low half, each with 8 added; in place.</summary>
    private static void Pack4(byte[] codes)
    {
        for (var i = 0; i < codes.Length / 2; i++)
            codes[i] = (byte)(((codes[2 * i] + 8) & 0x0F) | (codes[2 * i + 1] + 8) << 4);
    }
}
