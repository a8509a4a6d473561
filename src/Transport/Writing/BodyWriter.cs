using System.Buffers;
using StreamCore.Transport.Connections;

namespace StreamCore.Transport.Writing;

/// <summary>
/// The body of an answer whose length is not known beforehand. What is written between two flushes becomes one chunk
/// (RFC 9112 §7.1) and goes out in one flush; for HTTP/1.0 it goes out as it is and the connection ends it.
/// Flush at least every 64 KiB: the write deadline counts per flush.
/// </summary>
public sealed class BodyWriter : IBufferWriter<byte>
{
    /// <summary>Eight hexadecimal digits, CR LF: room for the size line, filled in from behind when the size is known.</summary>
    private const int PrefixBytes = 10;

    /// <summary>CR LF after the chunk, then the last chunk.</summary>
    private const int SuffixBytes = 2 + 5;

    /// <summary>Room taken at first: a few events. The pool doubles what is asked for beyond it.</summary>
    private const int FirstBytes = 2048;

    private readonly ConnectionOutput _output;
    private readonly BodyFraming _framing;

    /// <summary>Lent from the pool of arrays between the first byte and the flush: most open streams are waiting for a token.</summary>
    private byte[] _buffer = [];
    private int _end = PrefixBytes;

    internal BodyWriter(ConnectionOutput output, BodyFraming framing)
    {
        _output = output;
        _framing = framing;
    }

    /// <summary>No more can be written.</summary>
    public bool IsCompleted { get; private set; }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Math.Max(0, _buffer.Length - SuffixBytes - _end), nameof(count));
        _end += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_end, _buffer.Length - SuffixBytes - _end);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_end, _buffer.Length - SuffixBytes - _end);
    }

    /// <summary>Sends what was written, and the head if that has not gone out. False when the client is gone.</summary>
    public ValueTask<bool> FlushAsync()
    {
        Frame(last: false);
        return _output.FlushAsync();
    }

    /// <summary>Sends the rest and ends the body. An answer not completed is cut off, so that no client takes it for whole.</summary>
    public ValueTask<bool> CompleteAsync()
    {
        if (IsCompleted) return new(true);
        Frame(last: true);
        IsCompleted = true;
        return _output.FlushAsync();
    }

    private void Frame(bool last)
    {
        if (last) Reserve(1);
        if (_buffer.Length == 0) return;
        var start = PrefixBytes;
        var payload = _end - start;
        if (_framing == BodyFraming.Chunked)
        {
            if (payload > 0)
            {
                start = WriteSizeBefore(start, payload);
                Append("\r\n"u8);
            }
            if (last) Append("0\r\n\r\n"u8);
        }
        if (_framing != BodyFraming.None) _output.Write(_buffer.AsSpan(start, _end - start));
        _end = PrefixBytes;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private int WriteSizeBefore(int start, int size)
    {
        _buffer[--start] = (byte)'\n';
        _buffer[--start] = (byte)'\r';
        for (; size > 0; size >>= 4) _buffer[--start] = "0123456789abcdef"u8[size & 0xF];
        return start;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    private void Reserve(int sizeHint)
    {
        if (IsCompleted) throw new InvalidOperationException("The body is complete.");
        var needed = _end + Math.Max(sizeHint, 1) + SuffixBytes;
        if (needed > _buffer.Length) Grow(needed);
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, FirstBytes));
        _buffer.AsSpan(0, Math.Min(_end, _buffer.Length)).CopyTo(larger);
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
