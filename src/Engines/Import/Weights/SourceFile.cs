using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Weights;

/// <summary>A file that a model's weights are read from, open until it is disposed. Safe for many threads.</summary>
/// <remarks>Read by position and not mapped: each weight is read once, in order, and a file cut while it is read gives an error
/// rather than a fault of the process.</remarks>
internal abstract class SourceFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly string _remedy;

    /// <param name="path">Of the file.</param>
    /// <param name="remedy">What to do where it is broken, for messages.</param>
    protected SourceFile(string path, string remedy = "download it again")
    {
        (Path, _remedy) = (path, remedy);
        _handle = File.OpenHandle(path);
        Length = RandomAccess.GetLength(_handle);
    }

    public string Path { get; }

    public long Length { get; }

    /// <summary>Fills <paramref name="destination"/> from the file's bytes.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var count = RandomAccess.Read(_handle, destination, offset);
            if (count == 0) throw new ModelFolderException($"'{Path}' became shorter while it was read; {_remedy}.");
            destination = destination[count..];
            offset += count;
        }
    }

    /// <summary>Fills <paramref name="destination"/> from float32 numbers.</summary>
    public void ReadSingles(long offset, Span<float> destination) => Read(offset, MemoryMarshal.AsBytes(destination));

    /// <summary>Fills <paramref name="destination"/> from float16 numbers.</summary>
    public void ReadHalves(long offset, Span<float> destination)
    {
        var source = MemoryMarshal.Cast<ushort, Half>(ReadNarrow(offset, destination));
        for (var i = 0; i < destination.Length; i++) destination[i] = (float)source[i];
    }

    /// <summary>Fills <paramref name="destination"/> from bfloat16 numbers, each of which is the upper half of a float.</summary>
    public void ReadBrains(long offset, Span<float> destination)
    {
        var source = ReadNarrow(offset, destination);
        var i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
            (low << 16).As<uint, float>().CopyTo(destination[i..]);
            (high << 16).As<uint, float>().CopyTo(destination[(i + Vector<uint>.Count)..]);
        }
        for (; i < source.Length; i++) destination[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>Reads 16-bit numbers into the upper half of the room that they fill as floats: widened from the front, none is overwritten
    /// before its turn.</summary>
    private ReadOnlySpan<ushort> ReadNarrow(long offset, Span<float> destination)
    {
        var narrow = MemoryMarshal.Cast<float, ushort>(destination)[destination.Length..];
        Read(offset, MemoryMarshal.AsBytes(narrow));
        return narrow;
    }
}
