using System.Buffers;

namespace StreamCore.LoadTests.Client;

/// <summary>
/// Cuts a stream of bytes into the data of server-sent events, however it arrives. Lines end in LF or CRLF (a lone CR, which the standard
/// allows too, is written by no server); comments and fields other than <c>data</c> are skipped.
/// </summary>
internal sealed class SseReader
{
    private readonly ArrayBufferWriter<byte> _line = new(256);
    private readonly ArrayBufferWriter<byte> _data = new(512);
    private bool _lineTaken;
    private bool _dataTaken;
    private bool _hasData;

    /// <summary>
    /// Takes the next whole event off <paramref name="input"/>. False when there is none: then all of the input is kept for the next call.
    /// The data is valid until then.
    /// </summary>
    public bool TryRead(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> data)
    {
        if (_dataTaken) (_hasData, _dataTaken) = (false, false);
        while (input.IndexOf((byte)'\n') is >= 0 and var end)
        {
            var line = Complete(input[..end]);
            input = input[(end + 1)..];
            if (!EndsEvent(line)) continue;
            _dataTaken = true;
            data = _data.WrittenSpan;
            return true;
        }

        if (_lineTaken) Empty();
        _line.Write(input);
        input = default;
        data = default;
        return false;
    }

    /// <summary>The line with what was kept of its beginning, without its end.</summary>
    private ReadOnlySpan<byte> Complete(ReadOnlySpan<byte> rest)
    {
        if (_lineTaken) Empty();
        var line = rest;
        if (_line.WrittenCount > 0)
        {
            _line.Write(rest);
            line = _line.WrittenSpan;
            _lineTaken = true;
        }

        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }

    private void Empty()
    {
        _line.ResetWrittenCount();
        _lineTaken = false;
    }

    /// <summary>True at the empty line after data; an event without data is none.</summary>
    private bool EndsEvent(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty) return _hasData;
        if (!line.StartsWith("data"u8) || (line.Length > 4 && line[4] != ':')) return false;
        var value = line[Math.Min(5, line.Length)..];
        if (value.StartsWith(" "u8)) value = value[1..];
        if (!_hasData) _data.ResetWrittenCount();
        else _data.Write("\n"u8);
        _data.Write(value);
        _hasData = true;
        return false;
    }
}
