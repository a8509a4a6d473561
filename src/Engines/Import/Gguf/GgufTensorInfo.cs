namespace StreamCore.Engines.Import.Gguf;

/// <summary>What the header says about a tensor.</summary>
/// <param name="Shape">Rows first.</param>
/// <param name="Place">Of its first byte, counted from the start of the tensors' data.</param>
internal sealed record GgufTensorInfo(string Name, GgufType Type, long[] Shape, ulong Place)
{
    public long ElementCount { get; } = Shape.Aggregate(1L, (count, axis) => count * axis);

    /// <summary>Position of the first byte in the file.</summary>
    public long Offset { get; set; }

    /// <summary>Bytes; 0 for a type that cannot be imported.</summary>
    public long Length { get; set; }
}
