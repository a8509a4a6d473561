namespace StreamCore.Engines.Import.Safetensors;

/// <summary>What a tensor to be written is.</summary>
internal sealed record SafetensorsEntry(string Name, SafetensorsType Type, params long[] Shape)
{
    public long ElementCount => Shape.Aggregate(1L, (count, axis) => checked(count * axis));

    public int ElementSize => Type == SafetensorsType.F32 ? 4 : 2;
}
