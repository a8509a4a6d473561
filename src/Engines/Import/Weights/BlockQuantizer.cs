using System.Numerics;

namespace StreamCore.Engines.Import.Weights;

/// <summary>
/// Weights in blocks with one scale each and no offset: value = (code - zero) · scale, where zero is the middle code, as MatMulNBits has it.
/// </summary>
internal static class BlockQuantizer
{
    /// <summary>The weight of largest size becomes code -8, and so do others beyond it, if its size is cut to this many steps.
    /// Cutting below 8 steps off the extremes makes the steps of all others finer; which cut is best differs from block to block.</summary>
    private static ReadOnlySpan<float> Steps4 => [7f, 7.5f, 8f, 8.5f, 9f, 9.5f, 10f, 11f];

    /// <summary>Cuts a block into 4-bit codes, two to a byte, the first in the low half.</summary>
    /// <remarks>
    /// Each scale tried gives codes; for given codes the scale of least squared error is Σxq / Σq², and the error it leaves is
    /// Σx² - (Σxq)² / Σq². So the codes with the largest (Σxq)² / Σq² are taken, with their own best scale.
    /// </remarks>
    /// <returns>The scale; not finite if a weight is not.</returns>
    public static float Quantize4(ReadOnlySpan<float> block, Span<byte> codes)
    {
        Span<sbyte> wide = stackalloc sbyte[block.Length];
        var scale = Quantize4(block, wide);
        for (var i = 0; i < codes.Length; i++) codes[i] = (byte)((wide[2 * i] + 8) | (wide[2 * i + 1] + 8) << 4);
        return scale;
    }

    /// <summary>Likewise, with a code of -8 to 7 in each byte.</summary>
    /// <returns>The scale; not finite if a weight is not.</returns>
    public static float Quantize4(ReadOnlySpan<float> block, Span<sbyte> codes)
    {
        var largest = Largest(block);
        if (largest == 0)
        {
            codes.Clear();
            return 0;
        }

        var (best, bestScore, bestScale) = (0f, -1f, float.NaN);
        foreach (var steps in Steps4)
        {
            var inverse = -steps / largest;
            var (products, squares) = Fit(block, inverse);
            if (products * products > bestScore * squares)
                (best, bestScore, bestScale) = (inverse, products * products / squares, products / squares);
        }

        Round(block, best, -8, 7, codes);
        return bestScale;
    }

    /// <summary>Cuts values into the codes -127 to 127. With so many the largest value can have the last of them: searching gains nothing.</summary>
    /// <returns>The scale; not finite if a value is not.</returns>
    public static float Quantize8(ReadOnlySpan<float> values, Span<sbyte> codes)
    {
        var largest = MathF.Abs(Largest(values));
        Round(values, largest == 0 ? 0 : 127 / largest, -127, 127, codes);
        return largest / 127;
    }

    /// <summary>The value of largest size, with its sign; NaN if there is one.</summary>
    private static float Largest(ReadOnlySpan<float> values)
    {
        var (low, high) = (0f, 0f);
        var i = 0;
        if (values.Length >= Vector<float>.Count)
        {
            var (lows, highs) = (Vector<float>.Zero, Vector<float>.Zero);
            for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                var lane = new Vector<float>(values[i..]);
                (lows, highs) = (Vector.Min(lows, lane), Vector.Max(highs, lane));
            }
            for (var k = 0; k < Vector<float>.Count; k++) (low, high) = (MathF.Min(low, lows[k]), MathF.Max(high, highs[k]));
        }
        for (; i < values.Length; i++) (low, high) = (MathF.Min(low, values[i]), MathF.Max(high, values[i]));
        return high >= -low ? high : low;
    }

    /// <summary>Σ value · code and Σ code² of the 4-bit codes that <paramref name="inverse"/> gives. The length is a multiple of 16.</summary>
    private static (float Products, float Squares) Fit(ReadOnlySpan<float> block, float inverse)
    {
        var (products, squares) = (Vector<float>.Zero, Vector<float>.Zero);
        for (var i = 0; i < block.Length; i += Vector<float>.Count)
        {
            var values = new Vector<float>(block[i..]);
            var codes = Codes(values, inverse, -8, 7);
            products += values * codes;
            squares += codes * codes;
        }
        return (Vector.Sum(products), Vector.Sum(squares));
    }

    private static void Round(ReadOnlySpan<float> values, float inverse, float least, float most, Span<sbyte> codes)
    {
        var (lane, i) = (Vector<float>.Count, 0);
        for (; i <= values.Length - 4 * lane; i += 4 * lane)
        {
            var low = Vector.Narrow(Whole(values[i..]), Whole(values[(i + lane)..]));
            var high = Vector.Narrow(Whole(values[(i + 2 * lane)..]), Whole(values[(i + 3 * lane)..]));
            Vector.Narrow(low, high).CopyTo(codes[i..]);
        }
        for (; i < values.Length; i++)
            codes[i] = (sbyte)Math.Clamp(MathF.Round(values[i] * inverse), least, most);

        Vector<int> Whole(ReadOnlySpan<float> part) => Vector.ConvertToInt32(Codes(new Vector<float>(part), inverse, least, most));
    }

    private static Vector<float> Codes(Vector<float> values, float inverse, float least, float most) =>
        Vector.Min(Vector.Max(Vector.Round(values * inverse), new Vector<float>(least)), new Vector<float>(most));
}
