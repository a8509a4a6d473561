namespace StreamCore.Engines.Tests.Import.Exported;

/// <summary>A matrix cut into blocks as MatMulNBits has them, and what it stands for.</summary>
internal sealed class BlockWeights
{
    private readonly int _columns;

    /// <param name="matrix">Rows first.</param>
    /// <param name="rows">Outputs.</param>
    /// <param name="bits">Of a code.</param>
    /// <param name="block">Codes to a scale.</param>
    /// <param name="offsets">Whether blocks have zero points that differ.</param>
    public BlockWeights(float[] matrix, int rows, int bits, int block, bool offsets)
    {
        _columns = matrix.Length / rows;
        var (blocks, range) = ((_columns + block - 1) / block, 1 << bits);
        var (codes, zeros) = (new byte[rows * blocks * block], new byte[rows * blocks]);
        Scales = new float[rows * blocks];
        Values = new float[matrix.Length];
        for (var i = 0; i < zeros.Length; i++)
        {
            var (row, first) = (i / blocks, i % blocks * block);
            var part = matrix.AsSpan(row * _columns + first, Math.Min(block, _columns - first)).ToArray();
            zeros[i] = (byte)(offsets ? range / 2 - 1 + i % 3 : range / 2);
            // Scales that a float16 holds.
            Scales[i] = (float)(Half)(part.Max(Math.Abs) / (range / 2 - 1));
            codes.AsSpan(i * block, block).Fill(zeros[i]);
            for (var k = 0; k < part.Length; k++)
            {
                var code = (byte)Math.Clamp(Math.Round(part[k] / Scales[i]) + zeros[i], 0, range - 1);
                codes[i * block + k] = code;
                Values[row * _columns + first + k] = (code - zeros[i]) * Scales[i];
            }
        }
        Codes = Packed(codes, codes.Length, bits);
        if (offsets) ZeroPoints = [.. zeros.Chunk(blocks).SelectMany(row => Packed(row, row.Length, bits))];
    }

    public byte[] Codes { get; }

    public float[] Scales { get; }

    public byte[]? ZeroPoints { get; }

    /// <summary>What the blocks stand for, rows first.</summary>
    public float[] Values { get; }

    private static byte[] Packed(byte[] codes, int count, int bits)
    {
        var packed = new byte[(count * bits + 7) / 8];
        for (var i = 0; i < count; i++) packed[i * bits / 8] |= (byte)(codes[i] << (i * bits % 8));
        return packed;
    }
}
