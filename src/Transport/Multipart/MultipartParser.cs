using System.Buffers;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Multipart;

/// <summary>
/// Takes a form apart (RFC 2046 §5.1.1) in whatever pieces its bytes come. Bytes are copied once, into a window that can hold
/// whatever must be seen whole: a boundary line, or a part's header fields.
/// <code>
/// Preamble ──boundary──▶ Delimiter ──CR LF──▶ Head ──empty line──▶ Data ──boundary──▶ Delimiter
///                            └──"--"──▶ Done
/// </code>
/// </summary>
internal sealed class MultipartParser
{
    private const int RoomBytes = 16 * 1024;

    /// <summary>White space after a boundary, which RFC 2046 allows and nobody sends, with its CR LF.</summary>
    private const int MaxPaddingBytes = 64;

    private readonly byte[] _delimiter;
    private readonly MultipartOptions _options;
    private readonly byte[] _window;
    private int _start;
    private int _end;
    private State _state = State.Preamble;
    private PartHeadFields _fields;
    private int _headBytes;
    private int _parts;

    public MultipartParser(ReadOnlySpan<byte> boundary, MultipartOptions options)
    {
        _delimiter = [.. "\r\n--"u8, .. boundary];
        _options = options;
        _window = new byte[Math.Max(options.MaxPartHeadBytes, _delimiter.Length + MaxPaddingBytes) + RoomBytes];
        // The first boundary need not follow a line: as if one had ended before it.
        Append("\r\n"u8);
    }

    private enum State
    {
        Preamble,
        Delimiter,
        Head,
        Data,
        Done,
        Rejected,
    }

    /// <summary>The part that the last <see cref="MultipartStep.Part"/> began.</summary>
    public PartHead? Part { get; private set; }

    public HttpRejection Rejection { get; private set; }

    public bool IsDone => _state == State.Done;

    /// <summary>Takes as many bytes as there is room for, at least one after <see cref="MultipartStep.NeedMore"/>.</summary>
    public int Append(ReadOnlySpan<byte> bytes)
    {
        if (_state == State.Done) return bytes.Length;
        _window.AsSpan(_start.._end).CopyTo(_window);
        (_start, _end) = (0, _end - _start);
        var taken = Math.Min(bytes.Length, _window.Length - _end);
        bytes[..taken].CopyTo(_window.AsSpan(_end));
        _end += taken;
        return taken;
    }

    /// <summary>Goes on in the bytes appended. A part ends where the next begins, or the form does.</summary>
    /// <param name="data">Bytes of the part, until the next <see cref="Append"/>.</param>
    public MultipartStep Next(out ReadOnlyMemory<byte> data)
    {
        data = default;
        while (true)
        {
            var state = _state;
            var step = state switch
            {
                State.Preamble => ReadData(out _),
                State.Delimiter => ReadDelimiter(),
                State.Head => ReadHeadLine(),
                State.Data => ReadData(out data),
                State.Done => MultipartStep.Done,
                _ => MultipartStep.Rejected,
            };
            if (step == MultipartStep.Data && (state == State.Preamble || data.IsEmpty)) step = null;
            if (step is { } found) return found;
        }
    }

    /// <summary>Up to the delimiter; without one, all but what may be its beginning.</summary>
    private MultipartStep? ReadData(out ReadOnlyMemory<byte> data)
    {
        var at = _window.AsSpan(_start.._end).IndexOf(_delimiter);
        var length = at >= 0 ? at : Math.Max(0, _end - _start - (_delimiter.Length - 1));
        data = _window.AsMemory(_start, length);
        _start += length;
        if (at >= 0)
        {
            _start += _delimiter.Length;
            _state = State.Delimiter;
        }
        return at < 0 && length == 0 ? MultipartStep.NeedMore : MultipartStep.Data;
    }

    /// <summary>What follows the boundary: two hyphens if it was the last, or else the end of the line.</summary>
    private MultipartStep? ReadDelimiter()
    {
        var rest = _window.AsSpan(_start.._end);
        if (rest.IsEmpty) return MultipartStep.NeedMore;
        if (rest[0] == '-')
        {
            if (rest.Length < 2) return MultipartStep.NeedMore;
            if (rest[1] != '-') return Reject(HttpRejection.MalformedForm);
            _state = State.Done;
            return MultipartStep.Done;
        }

        if (!TryReadLine(MaxPaddingBytes, HttpRejection.MalformedForm, out var padding, out var step)) return step;
        if (padding.ContainsAnyExcept(" \t"u8)) return Reject(HttpRejection.MalformedForm);
        if (++_parts > _options.MaxPartCount) return Reject(HttpRejection.TooManyParts);
        _fields = default;
        _headBytes = 0;
        _state = State.Head;
        return null;
    }

    private MultipartStep? ReadHeadLine()
    {
        if (!TryReadLine(_options.MaxPartHeadBytes - _headBytes, HttpRejection.PartHeadTooLarge, out var line, out var step)) return step;
        _headBytes += line.Length + 2;
        var rejection = HttpRejection.None;
        if (line.IsEmpty)
        {
            rejection = _fields.TryFinish(out var head);
            Part = head;
            _state = State.Data;
            return rejection == HttpRejection.None ? MultipartStep.Part : Reject(rejection);
        }
        rejection = _fields.Take(line);
        return rejection == HttpRejection.None ? null : Reject(rejection);
    }

    private bool TryReadLine(int maxBytes, HttpRejection tooLong, out ReadOnlySpan<byte> line, out MultipartStep? step)
    {
        var buffer = new ReadOnlySequence<byte>(_window, _start, _end - _start);
        var status = LineReader.TryRead(buffer, maxBytes, tooLong, out var read, out _, out var rejection);
        line = read.FirstSpan;
        step = status switch
        {
            ParseStatus.NeedMore => MultipartStep.NeedMore,
            ParseStatus.Rejected => Reject(rejection == HttpRejection.BareLineFeed ? HttpRejection.MalformedForm : rejection),
            _ => null,
        };
        if (status != ParseStatus.Done) return false;
        _start += line.Length + 2;
        return true;
    }

    private MultipartStep Reject(HttpRejection rejection)
    {
        _state = State.Rejected;
        Rejection = rejection;
        return MultipartStep.Rejected;
    }
}
