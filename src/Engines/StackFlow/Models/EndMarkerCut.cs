namespace StreamCore.Engines.StackFlow.Models;

/// <summary>Ends a text where the first marker begins, however it is cut into pieces. One generation's alone.</summary>
internal sealed class EndMarkerCut(IEnumerable<string> markers)
{
    private readonly byte[][] _markers = [.. markers.Select(System.Text.Encoding.UTF8.GetBytes)];
    private byte[] _text = [];
    private int _held;

    /// <summary>A marker has come; there is no text behind it.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The text that is certain now. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Append(ReadOnlySpan<byte> piece)
    {
        if (HasEnded) return default;
        var text = new byte[_held + piece.Length];
        _text.AsSpan(_text.Length - _held).CopyTo(text);
        piece.CopyTo(text.AsSpan(_held));
        _text = text;

        var end = text.Length;
        foreach (var marker in _markers)
        {
            if (text.AsSpan().IndexOf(marker) is >= 0 and var at && at < end) (end, HasEnded) = (at, true);
        }

        _held = HasEnded ? 0 : _markers.Max(marker => Begun(text, marker));
        return text.AsMemory(0, end - _held);
    }

    /// <summary>What was held back, when the text ends without a marker.</summary>
    public ReadOnlyMemory<byte> End() => HasEnded ? default : _text.AsMemory(_text.Length - _held);

    /// <summary>Bytes at the text's end that begin the marker.</summary>
    private static int Begun(ReadOnlySpan<byte> text, ReadOnlySpan<byte> marker)
    {
        for (var length = Math.Min(text.Length, marker.Length - 1); length > 0; length--)
        {
            if (text.EndsWith(marker[..length])) return length;
        }

        return 0;
    }
}
