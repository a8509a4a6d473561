using StreamCore.Engines.Import.Safetensors;

namespace StreamCore.Engines.Import.Weights;

/// <summary>A matrix read from one or several tensors of equal width, one below the other: a fused layer's weights.
/// A vector is a matrix of width 1.</summary>
internal sealed class WeightRows
{
    private readonly SafetensorsTensor[] _parts;

    public WeightRows(params SafetensorsTensor[] parts)
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
