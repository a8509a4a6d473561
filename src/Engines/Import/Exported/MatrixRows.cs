using StreamCore.Engines.Import.Weights;

namespace StreamCore.Engines.Import.Exported;

/// <summary>Some rows of a matrix or a vector: a layer of several that the graph has as one.</summary>
internal sealed class MatrixRows(IWeightTensor whole, long firstRow, long rows) : IBlockTensor
{
    private readonly long _columns = whole.ElementCount / whole.Shape.Span[0];

    public string Name => whole.Name;

    public ReadOnlyMemory<long> Shape { get; } = new[] { rows }.Concat(whole.Shape[1..].ToArray()).ToArray();

    public long ElementCount => rows * _columns;

    public int BlockSize => whole is IBlockTensor blocks ? blocks.BlockSize : 0;

    public int BlockBits => whole is IBlockTensor blocks ? blocks.BlockBits : 0;

    public void Read(long first, Span<float> destination) => whole.Read(firstRow * _columns + first, destination);

    public void ReadBlocks(long first, Span<sbyte> codes, Span<float> scales) => ((IBlockTensor)whole).ReadBlocks(firstRow + first, codes, scales);
}
