using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace StreamCore.Engines.Import.Weights;

/// <summary>The data file of a model while it is written: any place at any time.</summary>
internal sealed class WeightFile(string path, long length) : IDisposable
{
    private readonly SafeFileHandle _handle =
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, preallocationSize: length);

    public void Write<T>(long offset, ReadOnlySpan<T> values) where T : unmanaged =>
        RandomAccess.Write(_handle, MemoryMarshal.AsBytes(values), offset);

    public void Dispose() => _handle.Dispose();
}
