using System.Buffers;

namespace StreamCore.Transport.Parsing;

/// <summary>Finds lines (RFC 9112 §2.2): they end in CR LF, and a line feed by itself is refused, since others may read it differently.</summary>
internal static class LineReader
{
    /// <summary>
    /// The line at the start of the buffer, without its end, and the position behind it. A line longer than the limit is
    /// refused as <paramref name="tooLong"/>, whether or not its end has arrived. A part of a line is searched again when
    /// more of it comes: the limits keep that below the cost of the reads themselves.
    /// </summary>
    public static ParseStatus TryRead(in ReadOnlySequence<byte> buffer, long maxBytes, HttpRejection tooLong,
        out ReadOnlySequence<byte> line, out SequencePosition next, out HttpRejection rejection)
    {
        line = default;
        next = buffer.Start;
        rejection = HttpRejection.None;

        var end = buffer.PositionOf((byte)'\n');
        var length = end is null ? buffer.Length : buffer.GetOffset(end.Value) - buffer.GetOffset(buffer.Start) + 1;
        if (length > maxBytes)
        {
            rejection = tooLong;
            return ParseStatus.Rejected;
        }
        if (end is null) return ParseStatus.NeedMore;

        if (length < 2 || buffer.Slice(length - 2, 1).FirstSpan[0] != (byte)'\r')
        {
            rejection = HttpRejection.BareLineFeed;
            return ParseStatus.Rejected;
        }
        line = buffer.Slice(0, length - 2);
        next = buffer.GetPosition(1, end.Value);
        return ParseStatus.Done;
    }
}
