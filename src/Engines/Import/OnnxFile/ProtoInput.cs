using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>A file whose protobuf messages are read by position: what is skipped is not read, so a graph is read from a file of any size that
/// carries its weights.</summary>
internal sealed class ProtoInput(string path) : SourceFile(path)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private long _bufferStart;
    private int _buffered;

    public ModelFolderException Unsound(string what) => new($"'{Path}' is not a sound ONNX file: {what}; download it again.");

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
}
