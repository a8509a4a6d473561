using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>From floats to the types that can be written; Q4_0 and Q8_0 in the same blocks that llama.cpp's own quantiser makes.</summary>
internal static class GgufEncoder
{
    public static void Write(GgufType type, ReadOnlySpan<float> values, Span<byte> destination)
    {
        switch (type)
        {
            case GgufType.F32:
                MemoryMarshal.AsBytes(values).CopyTo(destination);
                break;
            case GgufType.F16:
                var halves = MemoryMarshal.Cast<byte, Half>(destination);
                for (var i = 0; i < values.Length; i++) halves[i] = (Half)values[i];
                break;
            case GgufType.Q4_0 or GgufType.Q8_0:
                GgufTypes.TryGetBlock(type, out var elements, out var bytes);
                for (; values.Length > 0; values = values[elements..], destination = destination[bytes..])
                {
                    if (type == GgufType.Q4_0) WriteFourBits(values[..elements], destination[..bytes]);
                    else WriteEightBits(values[..elements], destination[..bytes]);
                }
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type));
        }
    }

    /// <summary>The value of largest size becomes code -8.</summary>
    private static void WriteFourBits(ReadOnlySpan<float> values, Span<byte> block)
    {
        var largest = 0f;
        foreach (var value in values)
            if (MathF.Abs(value) > MathF.Abs(largest)) largest = value;
        var scale = largest / -8;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        var inverse = scale == 0 ? 0 : 1 / scale;
        for (var i = 0; i < 16; i++) block[2 + i] = (byte)(Code(values[i]) | Code(values[i + 16]) << 4);

        int Code(float value) => Math.Min(15, (int)(value * inverse + 8.5f));
    }

    private static void WriteEightBits(ReadOnlySpan<float> values, Span<byte> block)
    {
        var largest = 0f;
        foreach (var value in values) largest = MathF.Max(largest, MathF.Abs(value));
        var scale = largest / 127;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        var inverse = scale == 0 ? 0 : 1 / scale;
        for (var i = 0; i < values.Length; i++)
            block[2 + i] = (byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
    }
}
