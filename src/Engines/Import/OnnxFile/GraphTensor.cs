using System.Buffers.Binary;

namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>A constant of a graph that was read: its description; its bytes stay in the file until they are asked for.</summary>
/// <param name="file">Where its bytes lie; null for one whose numbers stand in the graph one by one.</param>
/// <param name="values">Those numbers.</param>
internal sealed class GraphTensor(string name, OnnxType type, long[] shape, ProtoInput? file, long offset, IReadOnlyList<double> values)
{
    /// <summary>More numbers than any constant has that is looked at as a whole.</summary>
    private const int MaxSmall = 1 << 16;

    public string Name => name;

    public OnnxType Type => type;

    public ReadOnlySpan<long> Shape => shape;

    public long Count { get; } = shape.Aggregate(1L, (count, axis) => count * axis);

    public bool IsFloat => type is OnnxType.Float or OnnxType.Float16 or OnnxType.BFloat16;

    /// <summary>Whether its numbers lie in a file as they are, so that any part of them can be read.</summary>
    public bool IsRaw => file is not null;

    /// <summary>Bytes of so many elements of a type; 0 for a type that cannot be read.</summary>
    public static long BytesOf(OnnxType type, long count) => type switch
    {
        OnnxType.UInt8 or OnnxType.Int8 or OnnxType.Bool => count,
        OnnxType.Float16 or OnnxType.BFloat16 => 2 * count,
        OnnxType.Float or OnnxType.Int32 => 4 * count,
        OnnxType.Int64 or OnnxType.Double => 8 * count,
        OnnxType.UInt4 or OnnxType.Int4 => (count + 1) / 2,
        _ => 0,
    };

    /// <summary>Its bytes as they lie, from <paramref name="first"/> on.</summary>
    public void ReadBytes(long first, Span<byte> destination) => file!.Read(offset + first, destination);

    /// <summary>Floats of any of the three types, from element <paramref name="first"/> on.</summary>
    public void ReadFloats(long first, Span<float> destination)
    {
        switch (type)
        {
            case OnnxType.Float: file!.ReadSingles(offset + first * sizeof(float), destination); break;
            case OnnxType.BFloat16: file!.ReadBrains(offset + first * sizeof(ushort), destination); break;
            default: file!.ReadHalves(offset + first * sizeof(ushort), destination); break;
        }
    }

    /// <summary>All its numbers, if there are few and of a type that is known.</summary>
    public double[]? Small()
    {
        if (Count > MaxSmall) return null;
        if (file is null) return values.Count == Count ? [.. values] : null;
        var size = (int)BytesOf(type, 1);
        if (type is OnnxType.UInt4 or OnnxType.Int4 || size == 0) return null;
        var bytes = new byte[Count * size];
        ReadBytes(0, bytes);
        return [.. Enumerable.Range(0, (int)Count).Select(i => Number(bytes.AsSpan(i * size, size)))];
    }

    private double Number(ReadOnlySpan<byte> bytes) => type switch
    {
        OnnxType.Float => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        OnnxType.Double => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        OnnxType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        OnnxType.BFloat16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
        OnnxType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        OnnxType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        OnnxType.Int8 => (sbyte)bytes[0],
        _ => bytes[0],
    };
}
