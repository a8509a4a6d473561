using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Safetensors;

/// <summary>A tensor in a safetensors file.</summary>
internal sealed class SafetensorsTensor(SafetensorsFile file, string name, string typeName, long[] shape, long offset, long length)
    : IWeightTensor
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <summary>The type as the file spells it.</summary>
    public string TypeName { get; } = typeName;

    /// <inheritdoc/>
    public ReadOnlyMemory<long> Shape { get; } = shape;

    public long ElementCount { get; } = shape.Aggregate(1L, (count, axis) => count * axis);

    /// <summary>Position of the first byte in the file.</summary>
    public long Offset { get; } = offset;

    public long Length { get; } = length;

    /// <summary>The element type, if it is one that can be read.</summary>
    public bool TryGetType(out SafetensorsType type) => Enum.TryParse(TypeName, out type) && Enum.IsDefined(type);

    /// <inheritdoc/>
    public void Read(long first, Span<float> destination)
    {
        if (first < 0 || first + destination.Length > ElementCount) throw new ArgumentOutOfRangeException(nameof(first));
        if (!TryGetType(out var type))
            throw new ModelFolderException($"'{file.Path}': tensor '{Name}' has type {TypeName}; only F32, F16 and BF16 weights can be imported.");
        switch (type)
        {
            case SafetensorsType.F32: file.ReadSingles(Offset + first * sizeof(float), destination); break;
            case SafetensorsType.BF16: file.ReadBrains(Offset + first * sizeof(ushort), destination); break;
            default: file.ReadHalves(Offset + first * sizeof(ushort), destination); break;
        }
    }
}
