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
        var largest = Largest(block);
        if (largest == 0)
        {
            codes.Fill(0x88);
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

        for (var i = 0; i < codes.Length; i++)
            codes[i] = (byte)(Code4(block[2 * i], best) | Code4(block[2 * i + 1], best) << 4);
        return bestScale;
    }

    /// <summary>Cuts a block into 8-bit codes. With 255 codes the largest weight can have the last of them: searching gains nothing.</summary>
    /// <returns>The scale; not finite if a weight is not.</returns>
    public static float Quantize8(ReadOnlySpan<float> block, Span<byte> codes)
    {
        var largest = MathF.Abs(Largest(block));
        var inverse = largest == 0 ? 0 : 127 / largest;
        for (var i = 0; i < codes.Length; i++) codes[i] = (byte)(MathF.Round(block[i] * inverse) + 128);
        return largest / 127;
    }

    private static int Code4(float weight, float inverse) => (int)Math.Clamp(MathF.Round(weight * inverse), -8, 7) + 8;

    /// <summary>The value of largest size, with its sign; NaN if there is one.</summary>
    public static float Largest(ReadOnlySpan<float> values)
    {
        var largest = 0f;
        foreach (var value in values)
        {
            if (!(MathF.Abs(value) <= MathF.Abs(largest))) largest = value;
            if (float.IsNaN(value)) return value;
        }
        return largest;
    }

    /// <summary>Σ weight · code and Σ code² of the codes that <paramref name="inverse"/> gives.</summary>
    private static (float Products, float Squares) Fit(ReadOnlySpan<float> block, float inverse)
    {
        var (products, squares) = (Vector<float>.Zero, Vector<float>.Zero);
        for (var i = 0; i < block.Length; i += Vector<float>.Count)
        {
            var weights = new Vector<float>(block[i..]);
            var codes = Vector.Clamp(Vector.Round(weights * inverse), new Vector<float>(-8), new Vector<float>(7));
            products += weights * codes;
            squares += codes * codes;
        }
        return (Vector.Sum(products), Vector.Sum(squares));
    }
}
