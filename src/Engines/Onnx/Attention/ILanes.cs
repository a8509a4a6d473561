namespace StreamCore.Engines.Onnx.Attention;

/// <summary>
/// The arithmetic of one vector width. The attention kernel is written once over it; for each width the JIT makes the code
/// that would have been written by hand, because width and type are known to it.
/// </summary>
internal unsafe interface ILanes<TVector> where TVector : unmanaged
{
    /// <summary>Floats in a vector: a divisor of 16.</summary>
    static abstract int Count { get; }

    static abstract TVector Load(float* source);

    static abstract TVector LoadBFloat16(ushort* source);

    static abstract void Store(TVector value, float* target);

    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a * b + c, rounded once where the processor can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    static abstract TVector Max(TVector a, TVector b);

    /// <summary>e to the power of each, and 0 where that would be below the smallest normal float (<see cref="AttentionKernel.LeastExponent"/>).</summary>
    static abstract TVector Exp(TVector a);

    static abstract float MaxOf(TVector a);

    static abstract float SumOf(TVector a);
}
