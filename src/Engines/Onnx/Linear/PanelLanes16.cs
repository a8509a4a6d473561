using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamCore.Engines.Onnx.Linear;

/// <summary>A whole panel: AVX-512.</summary>
internal readonly unsafe struct PanelLanes16 : IPanelLanes<Vector512<byte>, Vector512<short>, Vector512<float>>
{
    public static int Count => 16;

    public static bool IsSupported => Avx512BW.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadCodes(byte* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Low(Vector512<byte> bytes) => bytes & Vector512.Create((byte)15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> High(Vector512<byte> bytes) => Low(Vector512.ShiftRightLogical(bytes.AsUInt16(), 4).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Begin(int pair) => Vector512.Create(pair).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> AddProducts(Vector512<short> sums, Vector512<byte> codes, sbyte* activations) =>
        sums + Avx512BW.MultiplyAddAdjacent(codes, Vector512.Create(*(int*)activations).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Total(Vector512<short> sums) => Vector512.ConvertToSingle(Whole(sums));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Total(Vector512<short> high, Vector512<short> low) =>
        Vector512.ConvertToSingle(Vector512.ShiftLeft(Whole(high), 4) + Whole(low));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadScales(ushort* source)
    {
        var bits = Vector512.ShiftRightArithmetic(Vector512.ShiftLeft(Avx512F.ConvertToVector512Int32(Vector256.Load(source)), 16), 3) & Vector512.Create(Float16.Mask);
        var small = Vector512.Equals(bits & Vector512.Create(Float16.Exponent), Vector512<int>.Zero);
        var scales = (bits + Vector512.Create(Float16.Bias)).AsSingle();
        return small == Vector512<int>.Zero ? scales : Vector512.ConditionalSelect(small.AsSingle(), Small(bits), scales);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, float b) => a * Vector512.Create(b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gate(Vector512<float> gate, Vector512<float> value) =>
        value * gate / (Vector512<float>.One + Vector512.Exp(-gate));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Whole(Vector512<short> sums) => Avx512BW.MultiplyAddAdjacent(sums, Vector512.Create((short)1));

    /// <summary>Subnormal scales and zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Small(Vector512<int> bits)
    {
        var size = (bits & Vector512.Create(int.MaxValue)) + Vector512.Create(Float16.SmallestBits);
        return ((size.AsSingle() - Vector512.Create(Float16.Smallest)).AsInt32() | (bits & Vector512.Create(int.MinValue))).AsSingle();
    }
}
