namespace StreamCore.Engines.Onnx.Linear;

/// <summary>
/// How float16 becomes float32 without an instruction for it: its exponent and mantissa are moved to where a float's are, its sign to the top,
/// and the result is multiplied with the power of two by which the exponents' middles differ. Exact, subnormal numbers included; infinities and NaN,
/// which no scale is, are not kept.
/// </summary>
internal static class Float16
{
    /// <summary>Keeps sign, exponent and mantissa of a number that was shifted 16 to the left and, with its sign, 3 to the right.</summary>
    public const int Mask = unchecked((int)0x8FFFE000);

    /// <summary>Two to the power of 112.</summary>
    public const float Factor = 5.192296858534828e33f;
}
