using System.Globalization;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>How the types that can be imported lie in a file: in blocks of so many elements and bytes.</summary>
internal static class GgufTypes
{
    /// <summary>Elements of a block of the K-quants.</summary>
    public const int SuperBlock = 256;

    private static readonly Dictionary<GgufType, (int Elements, int Bytes)> Blocks = new()
    {
        [GgufType.F32] = (1, 4),
        [GgufType.F16] = (1, 2),
        [GgufType.BF16] = (1, 2),
        [GgufType.Q4_0] = (32, 2 + 16),
        [GgufType.Q4_1] = (32, 4 + 16),
        [GgufType.Q5_0] = (32, 2 + 4 + 16),
        [GgufType.Q5_1] = (32, 4 + 4 + 16),
        [GgufType.Q8_0] = (32, 2 + 32),
        [GgufType.Q2_K] = (SuperBlock, 16 + 64 + 4),
        [GgufType.Q3_K] = (SuperBlock, 32 + 64 + 12 + 2),
        [GgufType.Q4_K] = (SuperBlock, 4 + 12 + 128),
        [GgufType.Q5_K] = (SuperBlock, 4 + 12 + 32 + 128),
        [GgufType.Q6_K] = (SuperBlock, 128 + 64 + 16 + 2),
    };

    /// <summary>For messages.</summary>
    public static string Names { get; } = string.Join(", ", Blocks.Keys);

    public static string NameOf(GgufType type) =>
        Enum.IsDefined(type) ? type.ToString() : ((uint)type).ToString(CultureInfo.InvariantCulture);

    /// <summary>False for a type that cannot be imported.</summary>
    public static bool TryGetBlock(GgufType type, out int elements, out int bytes)
    {
        var known = Blocks.TryGetValue(type, out var block);
        (elements, bytes) = block;
        return known;
    }

    /// <summary>Whether the type spends about four bits on a weight, or fewer.</summary>
    public static bool IsFourBits(GgufType type) =>
        type is GgufType.Q4_0 or GgufType.Q4_1 or GgufType.Q2_K or GgufType.Q3_K or GgufType.Q4_K;
}
