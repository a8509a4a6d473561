namespace StreamCore.Engines.Onnx.Linear;

/// <summary>
/// How float16 becomes float32 without an instruction for it: its exponent and mantissa are moved to where a float's are, its sign to the top,
/// and the difference of the exponents' middles is added. A subnormal number is made from the smallest normal one instead, which is taken off again.
/// Exact; no float that is computed with is subnormal, which would be slow. Infinities and NaN, which no scale is, are not kept.
/// </summary>
internal static class Float16
{
    /// <summary>Keeps sign, exponent and mantissa of a number that was shifted 16 to the left and, with its sign, 3 to the right.</summary>
    public const int Mask = unchecked((int)0x8FFFE000);

    /// <summary>The exponent's bits then; all zero in zero and in subnormal numbers.</summary>
    public const int Exponent = 31 << 23;

    /// <summary>From a float16's exponent to a float's.</summary>
    public const int Bias = 112 << 23;

    /// <summary>Makes the smallest normal float16, 2⁻¹⁴, of an exponent of zero.</summary>
    public const int SmallestBits = 113 << 23;

    /// <summary>2⁻¹⁴.</summary>
    public const float Smallest = 6.103515625e-5f;
}
