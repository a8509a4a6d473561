using System.Buffers;
using System.Text;
using StreamCore.TestKit;
using StreamCore.Transport.Bodies;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Tests.Fuzz;

/// <summary>Reads requests with their bodies, one after the other, as a connection does; tells all that was understood.</summary>
internal sealed class MessageReader
{
    private readonly RequestParser? _parser;
    private readonly StringBuilder _understood = new();
    private BodyDecoder? _body;
    private bool _refused;

    private MessageReader(RequestParser? parser, BodyDecoder? body)
    {
        _parser = parser;
        _body = body;
    }

    public static string Read(byte[][] pieces, TransportOptions options) => new MessageReader(new(options), null).Read(pieces);

    /// <summary>One chunked body, and the number of bytes behind it.</summary>
    public static string ReadChunked(byte[][] pieces) => new MessageReader(null, new ChunkedBody()).Read(pieces);

    private string Read(byte[][] pieces)
    {
        var unread = ReadOnlySequence<byte>.Empty;
        foreach (var piece in pieces)
        {
            unread = ByteSplits.Join([.. Segments(unread), piece]);
            while (!_refused && TryStep(unread, out var consumed)) unread = unread.Slice(consumed);
        }
        return _understood.Append(_refused ? "" : $" and {unread.Length} more").ToString();
    }

    /// <summary>False when more is needed, of which nothing has been consumed, or when no more is read.</summary>
    private bool TryStep(in ReadOnlySequence<byte> unread, out SequencePosition consumed) =>
        _body is null ? TryReadHead(unread, out consumed) : TryReadBody(unread, out consumed);

    private bool TryReadHead(in ReadOnlySequence<byte> unread, out SequencePosition consumed)
    {
        consumed = unread.Start;
        if (_parser is null) return false;
        var status = _parser.Parse(unread, out consumed, out var rejection);
        if (status == ParseStatus.Rejected) return Refuse(rejection);
        if (status == ParseStatus.NeedMore) return unread.Slice(0, consumed).Length > 0;

        var head = _parser.TakeHead();
        rejection = RequestFraming.TryRead(head, out var framing);
        _understood.Append($"{head.Method} {head.Target} [{head.Path}?{head.RawQuery}] {head.Version} {head.Authority} {string.Join(',', head.Headers)} {framing}\n");
        if (rejection != HttpRejection.None) return Refuse(rejection);
        _body = framing.ContentLength is { } length ? new ContentLengthBody(length) : new ChunkedBody();
        return true;
    }

    private bool TryReadBody(in ReadOnlySequence<byte> unread, out SequencePosition consumed)
    {
        consumed = unread.Start;
        if (_body!.IsDone)
        {
            _understood.Append("<end>\n");
            _body = null;
            return true;
        }
        var rejection = _body.Decode(unread, out var piece, out consumed);
        _understood.Append(Encoding.Latin1.GetString(piece));
        if (rejection != HttpRejection.None) return Refuse(rejection);
        return _body.IsDone || unread.Slice(0, consumed).Length > 0;
    }

    private bool Refuse(HttpRejection rejection)
    {
        _understood.Append(rejection);
        _refused = true;
        return false;
    }

    private static IEnumerable<byte[]> Segments(ReadOnlySequence<byte> sequence)
    {
        foreach (var segment in sequence) yield return segment.ToArray();
    }
}
