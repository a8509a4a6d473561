using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>From a tensor's blocks to floats: the very numbers ggml makes of them. Every product is exact in a float, so the order of
/// operations is all there is to keep.</summary>
internal static class GgufBlocks
{
    /// <param name="type">One that <see cref="GgufTypes"/> knows.</param>
    /// <param name="source">Whole blocks.</param>
    public static void Read(GgufType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        GgufTypes.TryGetBlock(type, out var elements, out var bytes);
        if (elements == 1)
        {
            ReadPlain(type, source, destination);
            return;
        }
        for (; source.Length > 0; source = source[bytes..], destination = destination[elements..])
            ReadBlock(type, source[..bytes], destination[..elements]);
    }

    /// <summary>Codes and scale of a block of Q4_0 or Q8_0.</summary>
    /// <returns>The scale.</returns>
    public static float ReadCodes(GgufType type, ReadOnlySpan<byte> block, Span<sbyte> codes)
    {
        var quants = block[2..];
        if (type == GgufType.Q8_0) MemoryMarshal.Cast<byte, sbyte>(quants).CopyTo(codes);
        else
        {
            for (var i = 0; i < quants.Length; i++)
            {
                codes[i] = (sbyte)((quants[i] & 0x0F) - 8);
                codes[i + quants.Length] = (sbyte)((quants[i] >> 4) - 8);
            }
        }
        return Half(block);
    }

    private static void ReadPlain(GgufType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (type)
        {
            case GgufType.F32:
                MemoryMarshal.Cast<byte, float>(source).CopyTo(destination);
                break;
            case GgufType.F16:
                var halves = MemoryMarshal.Cast<byte, Half>(source);
                for (var i = 0; i < halves.Length; i++) destination[i] = (float)halves[i];
                break;
            default:
                // bfloat16 is the upper half of a float.
                var brains = MemoryMarshal.Cast<byte, ushort>(source);
                for (var i = 0; i < brains.Length; i++) destination[i] = BitConverter.UInt32BitsToSingle((uint)brains[i] << 16);
                break;
        }
    }

    private static void ReadBlock(GgufType type, ReadOnlySpan<byte> block, Span<float> values)
    {
        switch (type)
        {
            case GgufType.Q4_0 or GgufType.Q8_0:
                Span<sbyte> codes = stackalloc sbyte[values.Length];
                var scale = ReadCodes(type, block, codes);
                for (var i = 0; i < values.Length; i++) values[i] = codes[i] * scale;
                break;
            case GgufType.Q4_1:
                ReadNibbles(block[4..], high: 0, offset: 0, Half(block), Half(block[2..]), values);
                break;
            case GgufType.Q5_0:
                ReadNibbles(block[6..], BinaryPrimitives.ReadUInt32LittleEndian(block[2..]), offset: 16, Half(block), least: 0, values);
                break;
            case GgufType.Q5_1:
                ReadNibbles(
                    block[8..], BinaryPrimitives.ReadUInt32LittleEndian(block[4..]), offset: 0, Half(block), Half(block[2..]), values);
                break;
            default:
                SuperBlocks.Read(type, block, values);
                break;
        }
    }

    /// <summary>value = (code - offset) · scale + least; the low halves of the bytes are the first 16 codes, and each code's fifth bit is
    /// in <paramref name="high"/>.</summary>
    private static void ReadNibbles(ReadOnlySpan<byte> nibbles, uint high, int offset, float scale, float least, Span<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var nibble = i < nibbles.Length ? nibbles[i] & 0x0F : nibbles[i - nibbles.Length] >> 4;
            var code = nibble | (int)(high >> i & 1) << 4;
            values[i] = (code - offset) * scale + least;
        }
    }

    private static float Half(ReadOnlySpan<byte> source) => (float)BinaryPrimitives.ReadHalfLittleEndian(source);
}
