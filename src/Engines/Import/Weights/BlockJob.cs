using System.Runtime.InteropServices;

namespace StreamCore.Engines.Import.Weights;

/// <summary>Weights in blocks of <paramref name="block"/> along each row, of 4 or 8 bits: codes [rows, blocks, block · bits / 8] and
/// scales [rows, blocks]. A last block that is not full is filled up with zeros.</summary>
internal sealed class BlockJob(WeightRows source, int bits, int block, long codesOffset, long scalesOffset) : FloatJob(source)
{
    private readonly int _blocks = (source.Columns + block - 1) / block;
    private readonly int _codeBytes = block * bits / 8;

    protected override void Convert(WeightFile file, int firstRow, int rows, float[] weights)
    {
        var codes = new byte[rows * _blocks * _codeBytes];
        var scales = new float[rows * _blocks];
        Parallel.For(0, rows, row => ConvertRow(
            weights.AsSpan(row * Source.Columns, Source.Columns),
            codes.AsSpan(row * _blocks * _codeBytes, _blocks * _codeBytes),
            scales.AsSpan(row * _blocks, _blocks)));
        RequireFinite(scales);
        file.Write<byte>(codesOffset + (long)firstRow * _blocks * _codeBytes, codes);
        file.Write<float>(scalesOffset + (long)firstRow * _blocks * sizeof(float), scales);
    }

    private void ConvertRow(ReadOnlySpan<float> row, Span<byte> codes, Span<float> scales)
    {
        Span<float> weights = stackalloc float[block];
        for (var i = 0; i < scales.Length; i++)
        {
            var part = row[(i * block)..Math.Min((i + 1) * block, row.Length)];
            part.CopyTo(weights);
            weights[part.Length..].Clear();
            var blockCodes = codes.Slice(i * _codeBytes, _codeBytes);
            scales[i] = bits == 4 ? BlockQuantizer.Quantize4(weights, blockCodes) : Quantize8(weights, blockCodes);
        }
    }

    /// <summary>8-bit codes are stored with 128 added, which turns over their sign bit.</summary>
    private static float Quantize8(ReadOnlySpan<float> weights, Span<byte> codes)
    {
        var scale = BlockQuantizer.Quantize8(weights, MemoryMarshal.Cast<byte, sbyte>(codes));
        foreach (ref var code in codes) code ^= 0x80;
        return scale;
    }
}
