namespace StreamCore.Engines.Import.Weights;

/// <summary>A tensor of a model's source: its description, and its elements on demand. Safe for many threads while the source is open.</summary>
internal interface IWeightTensor
{
    /// <summary>As the source spells it.</summary>
    string Name { get; }

    /// <summary>Rows first.</summary>
    ReadOnlyMemory<long> Shape { get; }

    long ElementCount { get; }

    /// <summary>Reads elements in row-major order, starting with element <paramref name="first"/>: whole rows, or of a vector any part.</summary>
    void Read(long first, Span<float> destination);

    /// <summary>A shape as messages have it.</summary>
    static string Text(ReadOnlySpan<long> shape) => string.Join(", ", shape.ToArray());
}
