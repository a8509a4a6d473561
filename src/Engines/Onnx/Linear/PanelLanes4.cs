using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamCore.Engines.Onnx.Linear;

/// <summary>A quarter of a panel, with what every processor has.</summary>
internal readonly unsafe struct PanelLanes4 : IPanelLanes<Vector128<byte>, Vector128<short>, Vector128<float>>
{
    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadCodes(byte* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Low(Vector128<byte> bytes) => bytes & Vector128.Create((byte)15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> High(Vector128<byte> bytes) => Vector128.ShiftRightLogical(bytes, 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Begin(int pair) => Vector128.Create(pair).AsInt16();

    /// <summary>The even bytes of both, then the odd ones, as 16-bit numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> AddProducts(Vector128<short> sums, Vector128<byte> codes, sbyte* activations)
    {
        var four = Vector128.Create(*(int*)activations).AsInt16();
        var pairs = codes.AsInt16();
        var even = (pairs & Vector128.Create((short)255)) * Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(four, 8), 8);
        var odd = Vector128.ShiftRightLogical(pairs, 8) * Vector128.ShiftRightArithmetic(four, 8);
        return sums + even + odd;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Total(Vector128<short> sums) => Vector128.ConvertToSingle(Whole(sums));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Total(Vector128<short> high, Vector128<short> low) =>
        Vector128.ConvertToSingle(Vector128.ShiftLeft(Whole(high), 4) + Whole(low));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadScales(ushort* source)
    {
        var bits = Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(Vector128.Create(source[0], source[1], source[2], (int)source[3]), 16), 3) & Vector128.Create(Float16.Mask);
        var small = Vector128.Equals(bits & Vector128.Create(Float16.Exponent), Vector128<int>.Zero);
        var scales = (bits + Vector128.Create(Float16.Bias)).AsSingle();
        return small == Vector128<int>.Zero ? scales : Vector128.ConditionalSelect(small.AsSingle(), Small(bits), scales);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> a, float b) => a * Vector128.Create(b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Gate(Vector128<float> gate, Vector128<float> value) =>
        value * gate / (Vector128<float>.One + Vector128.Exp(-gate));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, float* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Whole(Vector128<short> sums)
    {
        var pairs = sums.AsInt32();
        return Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(pairs, 16), 16) + Vector128.ShiftRightArithmetic(pairs, 16);
    }

    /// <summary>Subnormal scales and zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Small(Vector128<int> bits)
    {
        var size = (bits & Vector128.Create(int.MaxValue)) + Vector128.Create(Float16.SmallestBits);
        return ((size.AsSingle() - Vector128.Create(Float16.Smallest)).AsInt32() | (bits & Vector128.Create(int.MinValue))).AsSingle();
    }
}
