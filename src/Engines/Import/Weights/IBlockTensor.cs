namespace StreamCore.Engines.Import.Weights;

/// <summary>A tensor whose elements already lie in blocks of value = code · scale, which a model can keep as they are.</summary>
internal interface IBlockTensor : IWeightTensor
{
    /// <summary>Codes to a scale; 0 where the tensor has another form.</summary>
    int BlockSize { get; }

    /// <summary>Bits of a code: its range is that of a signed number of so many.</summary>
    int BlockBits { get; }

    /// <summary>Reads codes in row-major order and their blocks' scales, starting with row <paramref name="firstRow"/>. Where there is room
    /// for several scales of a block, each is that of a part of it.</summary>
    void ReadBlocks(long firstRow, Span<sbyte> codes, Span<float> scales);
}
