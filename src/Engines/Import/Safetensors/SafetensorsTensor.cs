using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Safetensors;

/// <summary>A tensor in a safetensors file.</summary>
internal sealed class SafetensorsTensor(SafetensorsFile file, string name, string typeName, long[] shape, long offset, long length)
    : IWeightTensor
{
    private const int ChunkElements = 32 * 1024;

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
        if (type == SafetensorsType.F32)
        {
            file.Read(Offset + first * sizeof(float), MemoryMarshal.AsBytes(destination));
            return;
        }

        var buffer = ArrayPool<ushort>.Shared.Rent(Math.Min(ChunkElements, destination.Length));
        while (destination.Length > 0)
        {
            var halves = buffer.AsSpan(0, Math.Min(ChunkElements, destination.Length));
            file.Read(Offset + first * sizeof(ushort), MemoryMarshal.AsBytes(halves));
            if (type == SafetensorsType.BF16) WidenBrain(halves, destination);
            else WidenHalf(MemoryMarshal.Cast<ushort, Half>(halves), destination);
            destination = destination[halves.Length..];
            first += halves.Length;
        }
        ArrayPool<ushort>.Shared.Return(buffer);
    }

    /// <summary>bfloat16 is the upper half of a float.</summary>
    private static void WidenBrain(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        var i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
            (low << 16).As<uint, float>().CopyTo(destination[i..]);
            (high << 16).As<uint, float>().CopyTo(destination[(i + Vector<uint>.Count)..]);
        }
        for (; i < source.Length; i++) destination[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
    }

    private static void WidenHalf(ReadOnlySpan<Half> source, Span<float> destination)
    {
        for (var i = 0; i < source.Length; i++) destination[i] = (float)source[i];
    }
}
