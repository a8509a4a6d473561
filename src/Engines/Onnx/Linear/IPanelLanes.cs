namespace StreamCore.Engines.Onnx.Linear;

/// <summary>
/// The arithmetic of the linear operator for <see cref="Count"/> outputs of a panel side by side. All widths give the same bits: sums of
/// products are whole numbers, and the floats are added in the order of the blocks.
/// </summary>
internal unsafe interface IPanelLanes<TCodes, TSums, TFloats>
    where TCodes : struct
    where TSums : struct
    where TFloats : struct
{
    static abstract int Count { get; }

    /// <summary>Loads codes: for each output four bytes, each with two codes.</summary>
    static abstract TCodes LoadCodes(byte* source);

    /// <summary>The codes in the low halves of the bytes.</summary>
    static abstract TCodes Low(TCodes bytes);

    /// <summary>The codes in the high halves.</summary>
    static abstract TCodes High(TCodes bytes);

    /// <summary>Sums that begin with the same two 16-bit numbers for each output.</summary>
    static abstract TSums Begin(int pair);

    /// <summary>Adds, for each output, the products of its four codes with four activations, as two 16-bit sums. Eight such steps of codes up
    /// to 15 and activations of -127 to 127 stay within 16 bits.</summary>
    static abstract TSums AddProducts(TSums sums, TCodes codes, sbyte* activations);

    /// <summary>The whole sum of each output.</summary>
    static abstract TFloats Total(TSums sums);

    /// <summary>16 · high + low, of each output's whole sums.</summary>
    static abstract TFloats Total(TSums high, TSums low);

    /// <summary>Loads float16 scales and multiplies them with one number.</summary>
    static abstract TFloats LoadScales(ushort* source);

    static abstract TFloats Multiply(TFloats a, float b);

    /// <summary>a · b + c, rounded once.</summary>
    static abstract TFloats MultiplyAdd(TFloats a, TFloats b, TFloats c);

    static abstract TFloats Load(float* source);

    /// <summary>value · gate / (1 + e to the power of -gate).</summary>
    static abstract TFloats Gate(TFloats gate, TFloats value);

    static abstract void Store(TFloats value, float* target);
}
