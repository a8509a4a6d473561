using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace StreamCore.Engines.StackFlow.Wire;

/// <summary>
/// Takes replies off the bytes of a connection, however they are cut or joined. A reply ends where its object ends: most are followed by a
/// newline, one kind is not. Each byte is looked at once for that, so a reply that comes in many pieces costs no more.
/// </summary>
/// <param name="maxBytes">Of one reply. A list of models or a piece of speech is hundreds of kB.</param>
internal sealed class ReplyReader(int maxBytes = ReplyReader.MaxReplyBytes)
{
    public const int MaxReplyBytes = 64 << 20;

    private static readonly SearchValues<byte> Structure = SearchValues.Create("{}\""u8);
    private static readonly SearchValues<byte> StringEnds = SearchValues.Create("\"\\"u8);

    // Where the scan stands in the reply at the head of the buffer.
    private long _scanned;
    private int _depth;
    private bool _inString;
    private bool _isEscaped;

    /// <summary>
    /// Takes the next reply off the buffer. False when it is not there to its end: then the buffer begins with what there is of it, and has to begin
    /// with the same bytes at the next call.
    /// </summary>
    /// <exception cref="InvalidDataException">What came is no reply, or too long. The reader is of no more use.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> buffer, [NotNullWhen(true)] out Reply? reply)
    {
        reply = null;
        if (_scanned == 0 && !TrySkipSpace(ref buffer)) return false;
        foreach (var segment in buffer.Slice(_scanned))
        {
            var ended = TryScan(segment.Span, out var count);
            _scanned += count;
            if (_scanned > maxBytes) throw new InvalidDataException($"The device sent a reply of more than {maxBytes} bytes.");
            if (!ended) continue;
            reply = Parse(buffer.Slice(0, _scanned));
            buffer = buffer.Slice(_scanned);
            _scanned = 0;
            return true;
        }
        return false;
    }

    /// <summary>True when the buffer begins with an object.</summary>
    private static bool TrySkipSpace(ref ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        reader.AdvancePastAny(" \t\r\n"u8);
        buffer = buffer.Slice(reader.Position);
        if (!reader.TryPeek(out var first)) return false;
        return first == (byte)'{' ? true : throw new InvalidDataException("The device sent what is no reply.");
    }

    /// <summary>True when the object ends in these bytes, after <paramref name="count"/>.</summary>
    private bool TryScan(ReadOnlySpan<byte> bytes, out int count)
    {
        count = 0;
        while (count < bytes.Length)
        {
            if (_isEscaped)
            {
                _isEscaped = false;
                count++;
                continue;
            }

            var at = bytes[count..].IndexOfAny(_inString ? StringEnds : Structure);
            if (at < 0) break;
            count += at + 1;
            switch (bytes[count - 1])
            {
                case (byte)'"': _inString = !_inString; break;
                case (byte)'\\': _isEscaped = true; break;
                case (byte)'{': _depth++; break;
                default:
                    if (--_depth == 0) return true;
                    break;
            }
        }
        count = bytes.Length;
        return false;
    }

    private static Reply Parse(ReadOnlySequence<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return Reply.Of(JsonElement.ParseValue(ref reader));
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException("The device sent a reply that cannot be read.", fault);
        }
    }
}
