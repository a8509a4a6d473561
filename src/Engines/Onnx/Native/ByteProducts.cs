using System.Runtime.Intrinsics.X86;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>What the processor does with sums of unsigned by signed bytes, on which the 8-bit format rests.</summary>
internal static class ByteProducts
{
    /// <summary>
    /// Whether pairs of products overflow their 16-bit sums and are cut off: so on x86 without VNNI (AVX512_VNNI: CPUID leaf 7,
    /// ECX bit 11; AVX_VNNI: leaf 7 subleaf 1, EAX bit 4).
    /// </summary>
    public static bool Saturate => X86Base.IsSupported && !HasVnni();

    private static bool HasVnni() =>
        X86Base.CpuId(0, 0).Eax >= 7
        && ((X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0 || (X86Base.CpuId(7, 1).Eax & (1 << 4)) != 0);
}
