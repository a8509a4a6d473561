using System.Runtime.InteropServices;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>
/// Memory outside the garbage collector's heap, aligned to cache lines, not cleared: the system hands out pages as they are first touched.
/// </summary>
internal sealed unsafe class NativeBuffer<T> : IDisposable where T : unmanaged
{
    private const nuint Alignment = 64;

    public NativeBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        Pointer = (T*)NativeMemory.AlignedAlloc(checked((nuint)Math.Max(length, 1) * (nuint)sizeof(T)), Alignment);
    }

    ~NativeBuffer() => Free();

    public T* Pointer { get; private set; }

    public long Length { get; }

    public Span<T> Span => new(Pointer, checked((int)Length));

    public Span<T> Slice(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, Length);
        return new(Pointer + start, length);
    }

    /// <summary>The buffer itself when it holds <paramref name="length"/> elements, else a larger one in its place; the content is not kept.</summary>
    public static NativeBuffer<T> AtLeast(NativeBuffer<T>? buffer, long length)
    {
        if (buffer is not null && buffer.Length >= length) return buffer;
        var larger = new NativeBuffer<T>(Math.Max(length, (buffer?.Length ?? 0) * 2));
        buffer?.Dispose();
        return larger;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
