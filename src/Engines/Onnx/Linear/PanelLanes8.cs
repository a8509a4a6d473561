using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamCore.Engines.Onnx.Linear;

/// <summary>Half a panel: AVX2.</summary>
internal readonly unsafe struct PanelLanes8 : IPanelLanes<Vector256<byte>, Vector256<short>, Vector256<float>>
{
    public static int Count => 8;

    public static bool IsSupported => Avx2.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadCodes(byte* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Low(Vector256<byte> bytes) => bytes & Vector256.Create((byte)15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> High(Vector256<byte> bytes) => Low(Vector256.ShiftRightLogical(bytes.AsUInt16(), 4).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Begin(int pair) => Vector256.Create(pair).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> AddProducts(Vector256<short> sums, Vector256<byte> codes, sbyte* activations) =>
        sums + Avx2.MultiplyAddAdjacent(codes, Vector256.Create(*(int*)activations).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Total(Vector256<short> sums) => Vector256.ConvertToSingle(Whole(sums));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Total(Vector256<short> high, Vector256<short> low) =>
        Vector256.ConvertToSingle(Vector256.ShiftLeft(Whole(high), 4) + Whole(low));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadScales(ushort* source)
    {
        var bits = Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(Avx2.ConvertToVector256Int32(source), 16), 3) & Vector256.Create(Float16.Mask);
        var small = Vector256.Equals(bits & Vector256.Create(Float16.Exponent), Vector256<int>.Zero);
        var scales = (bits + Vector256.Create(Float16.Bias)).AsSingle();
        return small == Vector256<int>.Zero ? scales : Vector256.ConditionalSelect(small.AsSingle(), Small(bits), scales);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, float b) => a * Vector256.Create(b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Gate(Vector256<float> gate, Vector256<float> value) =>
        value * gate / (Vector256<float>.One + Vector256.Exp(-gate));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, float* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Whole(Vector256<short> sums) => Avx2.MultiplyAddAdjacent(sums, Vector256.Create((short)1));

    /// <summary>Subnormal scales and zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Small(Vector256<int> bits)
    {
        var size = (bits & Vector256.Create(int.MaxValue)) + Vector256.Create(Float16.SmallestBits);
        return ((size.AsSingle() - Vector256.Create(Float16.Smallest)).AsInt32() | (bits & Vector256.Create(int.MinValue))).AsSingle();
    }
}
