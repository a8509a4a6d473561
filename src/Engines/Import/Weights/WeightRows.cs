using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Weights;

/// <summary>A matrix read from one or several tensors of equal width, one below the other: a fused layer's weights.
/// A vector is a matrix of width 1.</summary>
internal sealed class WeightRows
{
    private readonly IWeightTensor[] _parts;

    public WeightRows(params IWeightTensor[] parts)
    {
        _parts = parts;
        Rows = checked((int)parts.Sum(part => part.Shape.Span[0]));
        Columns = checked((int)(parts[0].ElementCount / parts[0].Shape.Span[0]));
    }

    /// <summary>The first tensor's name, for progress and error lines.</summary>
    public string Name => _parts[0].Name;

    public int Rows { get; }

    public int Columns { get; }

    public long Count => (long)Rows * Columns;

    /// <summary>The reason to refuse weights among which there is one that is no number.</summary>
    public ModelFolderException NotFinite() =>
        new($"Tensor '{Name}' has weights that are not finite numbers; download the model again.");

    /// <summary>Whether all of it lies in blocks of this size or a multiple of it, with codes of at most so many bits.</summary>
    public bool HasBlocks(int size, int bits) =>
        _parts.All(part => part is IBlockTensor { BlockSize: > 0 } blocks && blocks.BlockSize % size == 0 && blocks.BlockBits <= bits);

    /// <summary>Reads the codes of as many whole rows as <paramref name="codes"/> holds, where <see cref="HasBlocks"/>.</summary>
    public void ReadBlocks(int firstRow, Span<sbyte> codes, Span<float> scales)
    {
        var blocksOfRow = scales.Length / (codes.Length / Columns);
        foreach (var part in _parts.Cast<IBlockTensor>())
        {
            var partRows = (int)part.Shape.Span[0];
            if (firstRow < partRows)
            {
                var rows = Math.Min(partRows - firstRow, codes.Length / Columns);
                part.ReadBlocks(firstRow, codes[..(rows * Columns)], scales[..(rows * blocksOfRow)]);
                codes = codes[(rows * Columns)..];
                scales = scales[(rows * blocksOfRow)..];
                if (codes.Length == 0) return;
                firstRow = partRows;
            }
            firstRow -= partRows;
        }
    }

    /// <summary>Reads as many whole rows as <paramref name="destination"/> holds.</summary>
    public void Read(int firstRow, Span<float> destination)
    {
        var first = (long)firstRow * Columns;
        foreach (var part in _parts)
        {
            if (destination.Length == 0) return;
            if (first < part.ElementCount)
            {
                var count = (int)Math.Min(part.ElementCount - first, destination.Length);
                part.Read(first, destination[..count]);
                destination = destination[count..];
                first += count;
            }
            first -= part.ElementCount;
        }
    }
}
