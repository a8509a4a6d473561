using System.Buffers;
using System.Text;

namespace StreamCore.Scheduler.Text;

/// <summary>
/// Joins the bytes of tokens to text and says how much of it may be shown: whole characters only, never a part of a stop string.
/// Invalid bytes become U+FFFD, one for each maximal subpart (Unicode 16, §3.9, "U+FFFD Substitution of Maximal Subparts";
/// the WHATWG decoder does the same). How the bytes are cut into tokens makes no difference.
/// <code>
/// buffer: [ released | whole characters, held back | bytes of an unfinished character ]
///                    ^ Released                   ^ _whole                            ^ _length
/// </code>
/// Only the step loop calls it. Bytes below <see cref="Released"/> never change, so others may read them.
/// </summary>
internal sealed class TextAssembler(StopStrings stops, bool stripLeadingSpace)
{
    private const int FirstBytes = 1024; // some 250 tokens, the smallest array worth pooling

    private readonly StopStrings _stops = stops;
    private readonly List<byte[]> _outgrown = [];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private bool _stripNext = stripLeadingSpace;
    private int _whole, _length;

    private static ReadOnlySpan<byte> Replacement => "\uFFFD"u8;

    /// <summary>Bytes that may be shown.</summary>
    public int Released { get; private set; }

    /// <summary>Bytes of the text, those that may not be shown yet included.</summary>
    public int Length => _length;

    /// <summary>The stop string that ended the text; null when none did.</summary>
    public string? StopString => _stops.Matched;

    /// <summary>Holds the text; replaced by a longer array as the text grows, while the old one stays as it is.</summary>
    public byte[] Buffer => _buffer;

    /// <summary>Adds a token's bytes. True when a stop string is complete: then all before it is released and no more may be added.</summary>
    public bool Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return false;
        if (_stripNext && bytes[0] == ' ') bytes = bytes[1..];
        _stripNext = false;

        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
        return Settle(isEnd: false);
    }

    /// <summary>Ends the text: an unfinished character becomes U+FFFD, and what was held back is released.
    /// True when that completes a stop string.</summary>
    public bool End()
    {
        if (Settle(isEnd: true)) return true;
        Released = _whole;
        return false;
    }

    /// <summary>Gives the memory back. Nobody may read the text any more.</summary>
    public void ReturnBuffers()
    {
        foreach (var array in _outgrown) ArrayPool<byte>.Shared.Return(array);
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private bool Settle(bool isEnd)
    {
        while (_whole < _length)
        {
            var status = Rune.DecodeFromUtf8(_buffer.AsSpan(_whole, _length - _whole), out _, out var bytes);
            if (status == OperationStatus.NeedMoreData && !isEnd) break;
            if (status != OperationStatus.Done) bytes = Replace(bytes);
            if (Match(bytes)) return true;
        }

        Released = _whole - _stops.Held;
        return false;
    }

    /// <summary>Shows the next character to the stop strings; at a match cuts the text before it.</summary>
    private bool Match(int bytes)
    {
        var end = _whole + bytes;
        if (_stops.IsEmpty)
        {
            _whole = end;
            return false;
        }

        while (_whole < end)
        {
            if (!_stops.Feed(_buffer[_whole++], out var length)) continue;
            _length = _whole -= length;
            Released = _whole;
            return true;
        }

        return false;
    }

    private int Replace(int badBytes)
    {
        Reserve(Replacement.Length);
        var after = _buffer.AsSpan(_whole + badBytes, _length - _whole - badBytes);
        after.CopyTo(_buffer.AsSpan(_whole + Replacement.Length));
        Replacement.CopyTo(_buffer.AsSpan(_whole));
        _length += Replacement.Length - badBytes;
        return Replacement.Length;
    }

    private void Reserve(int more)
    {
        if (_length + more <= _buffer.Length) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + more, _buffer.Length * 2));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        _outgrown.Add(_buffer); // a reader may still look at it
        _buffer = larger;
    }
}
