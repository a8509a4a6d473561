using System.Buffers.Binary;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>The K-quants: blocks of 256 in which groups of 16 or 32 have a scale, and for some types a least value, that are themselves
/// whole numbers times one float of the block.</summary>
internal static class SuperBlocks
{
    public static void Read(GgufType type, ReadOnlySpan<byte> block, Span<float> values)
    {
        switch (type)
        {
            case GgufType.Q2_K:
                ReadTwoBits(block, values);
                break;
            case GgufType.Q3_K:
                ReadThreeBits(block, values);
                break;
            case GgufType.Q4_K:
                ReadFourOrFiveBits(block, high: default, block[16..], values);
                break;
            case GgufType.Q5_K:
                ReadFourOrFiveBits(block, block[16..48], block[48..], values);
                break;
            case GgufType.Q6_K:
                ReadSixBits(block, values);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type));
        }
    }

    /// <summary>16 bytes with scale and least value of each group of 16, 64 bytes of codes, two floats.</summary>
    private static void ReadTwoBits(ReadOnlySpan<byte> block, Span<float> values)
    {
        var (scale, least) = (Half(block[80..]), Half(block[82..]));
        for (var i = 0; i < values.Length; i++)
        {
            var group = block[i / 16];
            values[i] = scale * (group & 0x0F) * PairOfBits(block[16..], i) - least * (group >> 4);
        }
    }

    /// <summary>32 bytes of third bits, 64 bytes of codes, 12 bytes of scales of 6 bits, one float.</summary>
    private static void ReadThreeBits(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = Half(block[108..]);
        var scales = block[96..108];
        for (var i = 0; i < values.Length; i++)
        {
            var group = i / 16;
            var low = group < 8 ? scales[group] & 0x0F : scales[group - 8] >> 4;
            var high = scales[8 + group % 4] >> (group / 4 * 2) & 3;
            var code = PairOfBits(block[32..], i) - (((block[i % 32] >> (i / 32)) & 1) == 0 ? 4 : 0);
            values[i] = scale * ((low | high << 4) - 32) * code;
        }
    }

    /// <summary>Two floats, 12 bytes with scales and least values of 6 bits for each group of 32, then the codes' fifth bits, if any, and
    /// the codes: in each 32 bytes the low halves are one group and the high halves the next.</summary>
    private static void ReadFourOrFiveBits(ReadOnlySpan<byte> block, ReadOnlySpan<byte> high, ReadOnlySpan<byte> codes, Span<float> values)
    {
        var (scale, least) = (Half(block), Half(block[2..]));
        for (var group = 0; group < 8; group++)
        {
            var (groupScale, groupLeast) = ScaleAndLeast(block[4..16], group);
            var (multiplier, subtrahend) = (scale * groupScale, least * groupLeast);
            for (var i = 0; i < 32; i++)
            {
                var code = codes[group / 2 * 32 + i] >> (group % 2 * 4) & 0x0F;
                if (!high.IsEmpty) code |= (high[i] >> group & 1) << 4;
                values[group * 32 + i] = multiplier * code - subtrahend;
            }
        }
    }

    /// <summary>128 bytes of the codes' low 4 bits, 64 of their high 2 bits, a signed scale for each group of 16, one float.</summary>
    private static void ReadSixBits(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = Half(block[208..]);
        for (var i = 0; i < values.Length; i++)
        {
            // Each half of the block has 64 bytes of low bits (the second 64 codes in the high halves) and 32 of high bits.
            var (half, place) = (i / 128, i % 128);
            var low = block[half * 64 + place % 64] >> (place / 64 * 4) & 0x0F;
            var high = block[128 + half * 32 + place % 32] >> (place / 32 * 2) & 3;
            values[i] = scale * (sbyte)block[192 + i / 16] * ((low | high << 4) - 32);
        }
    }

    /// <summary>In each 32 bytes the lowest pairs of bits are 32 codes, the next ones the next 32, and so on.</summary>
    private static int PairOfBits(ReadOnlySpan<byte> codes, int i) => codes[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;

    /// <summary>Four groups have their 6 bits in a byte of their own; those of the others are spread over the rest.</summary>
    private static (int Scale, int Least) ScaleAndLeast(ReadOnlySpan<byte> packed, int group) =>
        group < 4
            ? (packed[group] & 0x3F, packed[group + 4] & 0x3F)
            : (packed[group + 4] & 0x0F | packed[group - 4] >> 6 << 4, packed[group + 4] >> 4 | packed[group] >> 6 << 4);

    private static float Half(ReadOnlySpan<byte> source) => (float)BinaryPrimitives.ReadHalfLittleEndian(source);
}
