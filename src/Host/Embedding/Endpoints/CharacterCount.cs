namespace StreamCore.Host.Endpoints;

/// <summary>Counts the characters (code points) of a growing UTF-8 text, each once.</summary>
/// <param name="before">Characters that come before the text.</param>
internal sealed class CharacterCount(int before)
{
    private int _characters = before;
    private int _bytes;

    /// <summary>Characters that begin before a place in the text. Places come in ascending order.</summary>
    public int Before(ReadOnlySpan<byte> text, int place)
    {
        for (; _bytes < Math.Min(place, text.Length); _bytes++)
        {
            if ((text[_bytes] & 0xC0) != 0x80) _characters++; // not a continuation byte
        }

        return _characters;
    }
}
