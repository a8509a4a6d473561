using System.Buffers;

namespace StreamCore.Transport.Parsing;

/// <summary>
/// Reads one request head after another from whatever pieces its bytes come in. Complete lines are checked and consumed
/// at once, so a bad line is refused before the rest has arrived, and any split of the input gives the same answer.
/// </summary>
internal sealed class RequestParser(TransportOptions options)
{
    /// <summary>RFC 9112 §2.2 asks to ignore at least one empty line before a request; more than a few is not a client but an attack.</summary>
    private const int MaxEmptyLines = 4;

    /// <summary>Room taken for the first line; most heads fit. Between heads there is none, so that an idle connection holds none.</summary>
    private const int FirstBytes = 1024;

    /// <summary>Room in the request line for what is not the target: the method, two spaces, the version, CR LF.</summary>
    private const int RequestLineExtra = 64;

    private readonly int _maxHeadBytes = options.MaxHeadBytes;
    private readonly int _maxHeaderCount = options.MaxHeaderCount;
    private readonly int _maxTargetBytes = options.MaxTargetBytes;
    private readonly List<HeaderField> _fields = [];
    private byte[] _bytes = [];
    private int _length;
    private int _received;
    private int _emptyLines;
    private RequestLine? _requestLine;
    private RequestHead? _head;

    /// <summary>The head just parsed; forgets it, ready for the next.</summary>
    public RequestHead TakeHead()
    {
        var head = _head ?? throw new InvalidOperationException("No head is complete.");
        _head = null;
        _requestLine = null;
        _fields.Clear();
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _length = _received = _emptyLines = 0;
        return head;
    }

    /// <summary>Whether nothing of the next head has been consumed.</summary>
    public bool IsAtStart => _received == 0;

    /// <summary>Parses on. When more is needed, all of the buffer has been examined.</summary>
    public ParseStatus Parse(ReadOnlySequence<byte> buffer, out SequencePosition consumed, out HttpRejection rejection)
    {
        while (true)
        {
            consumed = buffer.Start;
            var (limit, tooLong) = LineLimit();
            var status = LineReader.TryRead(buffer, limit, tooLong, out var line, out var next, out rejection);
            if (status != ParseStatus.Done) return status;

            consumed = next;
            buffer = buffer.Slice(next);
            _received += (int)line.Length + 2;
            rejection = line.IsEmpty ? TakeEmptyLine() : TakeLine(line);
            if (rejection != HttpRejection.None) return ParseStatus.Rejected;
            if (_head is not null) return ParseStatus.Done;
        }
    }

    private (int Limit, HttpRejection TooLong) LineLimit()
    {
        var left = _maxHeadBytes - _received;
        return _requestLine is null && _maxTargetBytes + RequestLineExtra < left
            ? (_maxTargetBytes + RequestLineExtra, HttpRejection.TargetTooLong)
            : (left, HttpRejection.HeadTooLarge);
    }

    private HttpRejection TakeEmptyLine()
    {
        if (_requestLine is not { } line)
            return ++_emptyLines > MaxEmptyLines ? HttpRejection.MalformedRequestLine : HttpRejection.None;

        var headers = new HeaderBlock(_bytes.AsSpan(0, _length).ToArray(), [.. _fields]);
        _head = new(line.Method, line.Target, line.Version, headers);
        return HttpRejection.None;
    }

    private HttpRejection TakeLine(ReadOnlySequence<byte> line)
    {
        var start = _length;
        var bytes = Keep(line);
        if (_requestLine is null)
        {
            var bad = RequestLine.TryParse(bytes, _maxTargetBytes, out var parsed);
            _requestLine = parsed;
            _length = start;
            return bad;
        }

        if (_fields.Count == _maxHeaderCount) return HttpRejection.TooManyHeaders;
        var rejection = FieldSyntax.TrySplit(bytes, out var nameLength, out var value);
        if (rejection != HttpRejection.None) return rejection;
        _fields.Add(new(start..(start + nameLength), (start + value.Start.Value)..(start + value.End.Value)));
        return HttpRejection.None;
    }

    /// <summary>Copies the line behind the others, which also makes it one piece.</summary>
    private ReadOnlySpan<byte> Keep(ReadOnlySequence<byte> line)
    {
        var needed = _length + (int)line.Length;
        if (needed > _bytes.Length) Grow(needed);
        line.CopyTo(_bytes.AsSpan(_length));
        var kept = _bytes.AsSpan(_length, (int)line.Length);
        _length = needed;
        return kept;
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, FirstBytes));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
