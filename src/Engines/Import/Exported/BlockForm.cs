using StreamCore.Engines.Import.OnnxFile;

namespace StreamCore.Engines.Import.Exported;

/// <summary>How a node of a graph has its weights in blocks.</summary>
/// <param name="Codes">Several to a byte, the first in the lowest bits.</param>
/// <param name="Scales">One for each block of each row.</param>
/// <param name="ZeroPoints">One for each block too: floats, or packed as codes are; null where all are <paramref name="Zero"/>.</param>
/// <param name="Bits">Of a code: 2, 4 or 8.</param>
/// <param name="Block">Codes to a scale.</param>
/// <param name="Zero">The code of 0 where there are no zero points.</param>
/// <param name="Signed">Whether codes are signed numbers of so many bits; here half their range is added to them.</param>
internal sealed record BlockForm(GraphTensor Codes, GraphTensor Scales, GraphTensor? ZeroPoints, int Bits, int Block, int Zero, bool Signed)
{
    /// <summary>The code in the middle, which is 0 in blocks without an offset.</summary>
    public int Middle => 1 << (Bits - 1);

    public int Blocks(int columns) => (columns + Block - 1) / Block;

    public int ZeroPointBytes(int columns) => (Blocks(columns) * Bits + 7) / 8;

    public byte Code(byte packed, int place)
    {
        var code = packed >> (place * Bits) & ((1 << Bits) - 1);
        return (byte)(Signed ? code ^ Middle : code);
    }

    /// <summary>Whether the tensors have the sizes that so many rows and columns need, where <paramref name="codeColumns"/> codes of a row are kept.</summary>
    public bool Fits(long rows, int columns, long codeColumns)
    {
        var blocks = (long)Blocks(columns);
        return Codes.IsRaw && Scales.IsRaw && Scales.IsFloat && Scales.Count == rows * blocks
            && GraphTensor.BytesOf(Codes.Type, Codes.Count) == rows * codeColumns * Bits / 8
            && (ZeroPoints is null || (ZeroPoints.IsRaw && (ZeroPoints.IsFloat
                ? ZeroPoints.Count == rows * blocks
                : GraphTensor.BytesOf(ZeroPoints.Type, ZeroPoints.Count) == rows * ZeroPointBytes(columns))));
    }
}
