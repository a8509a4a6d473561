using System.Buffers;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Bodies;

/// <summary>
/// A chunked body (RFC 9112 §7.1). Sizes are strict, extensions are checked and ignored, trailers are checked and discarded;
/// the lines of both are bounded one by one and together.
/// <code>
/// Size ──size──▶ Data ──all of it──▶ DataEnd ──CR LF──▶ Size
///   └──0──▶ Trailers ──empty line──▶ Done
/// </code>
/// </summary>
internal sealed class ChunkedBody : BodyDecoder
{
    private const int MaxSizeLineBytes = 256;
    private const int MaxExtensionBytes = 16 * 1024;
    private const int MaxTrailerBytes = 16 * 1024;

    private State _state = State.Size;
    private long _chunkLeft;
    private int _extensionBytes;
    private int _trailerBytes;

    private enum State
    {
        Size,
        Data,
        DataEnd,
        Trailers,
        Done,
    }

    public override bool IsDone => _state == State.Done;

    public override long? Remaining => null;

    public override HttpRejection Decode(in ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> piece, out SequencePosition consumed)
    {
        piece = default;
        var rest = buffer;
        while (true)
        {
            consumed = rest.Start;
            if (_state == State.Done) return HttpRejection.None;
            if (_state == State.Data)
            {
                if (rest.IsEmpty) return HttpRejection.None;
                piece = TakeData(rest);
                consumed = piece.End;
                return HttpRejection.None;
            }

            var status = ReadLine(rest, out var next, out var rejection);
            if (status != ParseStatus.Done) return rejection;
            rest = rest.Slice(next);
        }
    }

    private ReadOnlySequence<byte> TakeData(in ReadOnlySequence<byte> buffer)
    {
        var piece = buffer.Length > _chunkLeft ? buffer.Slice(0, _chunkLeft) : buffer;
        _chunkLeft -= piece.Length;
        if (_chunkLeft == 0) _state = State.DataEnd;
        return piece;
    }

    private ParseStatus ReadLine(in ReadOnlySequence<byte> buffer, out SequencePosition next, out HttpRejection rejection)
    {
        if (_state == State.DataEnd) return ReadDataEnd(buffer, out next, out rejection);

        var (limit, tooLong) = _state == State.Size
            ? (MaxSizeLineBytes, HttpRejection.ChunkLineTooLong)
            : (MaxTrailerBytes - _trailerBytes, HttpRejection.TrailersTooLarge);
        var status = LineReader.TryRead(buffer, limit, tooLong, out var line, out next, out rejection);
        if (status != ParseStatus.Done) return status;

        rejection = line.IsSingleSegment ? TakeLine(line.FirstSpan) : TakeLine(line.ToArray());
        return rejection == HttpRejection.None ? ParseStatus.Done : ParseStatus.Rejected;
    }

    private ParseStatus ReadDataEnd(in ReadOnlySequence<byte> buffer, out SequencePosition next, out HttpRejection rejection)
    {
        next = buffer.Start;
        rejection = HttpRejection.None;
        if (buffer.IsEmpty) return ParseStatus.NeedMore;

        var wrong = buffer.FirstSpan[0] != '\r' || (buffer.Length > 1 && buffer.Slice(1, 1).FirstSpan[0] != '\n');
        if (wrong)
        {
            rejection = HttpRejection.MissingChunkEnd;
            return ParseStatus.Rejected;
        }
        if (buffer.Length < 2) return ParseStatus.NeedMore;
        next = buffer.GetPosition(2);
        _state = State.Size;
        return ParseStatus.Done;
    }

    private HttpRejection TakeLine(ReadOnlySpan<byte> line) => _state == State.Size ? TakeSize(line) : TakeTrailer(line);

    private HttpRejection TakeSize(ReadOnlySpan<byte> line)
    {
        var rejection = ChunkLine.TryParse(line, out var size, out var extensionBytes);
        if (rejection != HttpRejection.None) return rejection;
        _extensionBytes += extensionBytes;
        if (_extensionBytes > MaxExtensionBytes) return HttpRejection.ChunkLineTooLong;
        _chunkLeft = size;
        _state = size == 0 ? State.Trailers : State.Data;
        return HttpRejection.None;
    }

    private HttpRejection TakeTrailer(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            _state = State.Done;
            return HttpRejection.None;
        }
        _trailerBytes += line.Length + 2;
        return FieldSyntax.TrySplit(line, out _, out _) == HttpRejection.None ? HttpRejection.None : HttpRejection.InvalidTrailer;
    }
}
