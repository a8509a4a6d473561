using Microsoft.Win32.SafeHandles;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>A file whose protobuf messages are read by position: what is skipped is not read, so a graph is read from a file of any size that
/// carries its weights.</summary>
internal sealed class ProtoInput : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private long _bufferStart;
    private int _buffered;

    public ProtoInput(string path)
    {
        Path = path;
        _handle = File.OpenHandle(path);
        Length = RandomAccess.GetLength(_handle);
    }

    public string Path { get; }

    public long Length { get; }

    public ModelFolderException Unsound(string what) => new($"'{Path}' is not a sound ONNX file: {what}; download it again.");

    /// <summary>Fills <paramref name="destination"/> from the file's bytes. Safe for many threads.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var count = RandomAccess.Read(_handle, destination, offset);
            if (count == 0) throw new ModelFolderException($"'{Path}' became shorter while it was read; download it again.");
            destination = destination[count..];
            offset += count;
        }
    }

    /// <summary>The bytes from here on, at most <paramref name="count"/> of them and fewer at the end of the file; valid until the next call.</summary>
    public ReadOnlySpan<byte> Peek(long offset, int count)
    {
        if (offset < _bufferStart || offset + count > _bufferStart + _buffered)
        {
            _bufferStart = offset;
            _buffered = (int)Math.Min(_buffer.Length, Length - offset);
            Read(offset, _buffer.AsSpan(0, _buffered));
        }
        var start = (int)(offset - _bufferStart);
        return _buffer.AsSpan(start, Math.Min(count, _buffered - start));
    }

    public void Dispose() => _handle.Dispose();
}
