using System.Buffers;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Bodies;

/// <summary>A body of known length (RFC 9112 §6.2).</summary>
internal sealed class ContentLengthBody(long length) : BodyDecoder
{
    private long _remaining = length;

    public override bool IsDone => _remaining == 0;

    public override long? Remaining => _remaining;

    public override HttpRejection Decode(in ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> piece, out SequencePosition consumed)
    {
        piece = buffer.Length > _remaining ? buffer.Slice(0, _remaining) : buffer;
        _remaining -= piece.Length;
        consumed = piece.End;
        return HttpRejection.None;
    }
}
