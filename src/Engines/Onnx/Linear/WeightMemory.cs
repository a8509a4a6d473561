using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace StreamCore.Engines.Onnx.Linear;

/// <summary>
/// A model's data file in memory, in large pages where the system has them: weights are read from end to end in every step, and finding
/// small pages cost a quarter of the memory's speed where it was measured. Given back to the system when disposed.
/// </summary>
internal sealed unsafe partial class WeightMemory : IDisposable
{
    private const int PageBytes = 2 << 20;
    private const int ChunkBytes = 64 << 20;
    private const int HugePages = 14;

    private readonly long _length;
    private void* _memory;

    /// <exception cref="IOException">The file cannot be read.</exception>
    public WeightMemory(string path)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        _length = RandomAccess.GetLength(file);
        var size = (nuint)((_length + PageBytes - 1) / PageBytes * PageBytes);
        _memory = NativeMemory.AlignedAlloc(Math.Max(size, PageBytes), PageBytes);
        if (OperatingSystem.IsLinux()) _ = Advise(_memory, size, HugePages);
        try
        {
            Read(file);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    ~WeightMemory() => Free();

    /// <summary>Where bytes of the file lie.</summary>
    /// <exception cref="InvalidOperationException">It has no such bytes.</exception>
    public byte* At(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(_memory is null, this);
        if (offset < 0 || length > _length - offset)
            throw new InvalidOperationException($"the data file has {_length} bytes, and not the {length} from {offset} on");
        return (byte*)_memory + offset;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Read(SafeFileHandle file)
    {
        for (var at = 0L; at < _length;)
        {
            var read = RandomAccess.Read(file, new Span<byte>((byte*)_memory + at, (int)Math.Min(ChunkBytes, _length - at)), at);
            if (read == 0) throw new EndOfStreamException("the file became shorter while it was read");
            at += read;
        }
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }

    /// <summary>madvise(2); what the system makes of it changes nothing but speed.</summary>
    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
