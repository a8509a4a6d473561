namespace StreamCore.Engines.Onnx.Attention;

/// <summary>The upper half of a float.</summary>
internal static class BFloat16
{
    /// <summary>Rounds to nearest, ties to even; not-a-number stays so.</summary>
    public static ushort FromSingle(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? (ushort)((bits >> 16) | 0x40)
            : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }

    public static float ToSingle(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);
}
