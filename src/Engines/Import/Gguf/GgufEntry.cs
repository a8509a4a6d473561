namespace StreamCore.Engines.Import.Gguf;

/// <summary>What a tensor to be written is.</summary>
/// <param name="Shape">Rows first.</param>
internal sealed record GgufEntry(string Name, GgufType Type, params long[] Shape)
{
    public long ElementCount => Shape.Aggregate(1L, (count, axis) => checked(count * axis));

    public long Length
    {
        get
        {
            GgufTypes.TryGetBlock(Type, out var elements, out var bytes);
            return ElementCount / elements * bytes;
        }
    }
}
