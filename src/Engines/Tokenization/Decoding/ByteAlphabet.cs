using System.Diagnostics.CodeAnalysis;

namespace StreamCore.Engines.Tokenization.Decoding;

/// <summary>
/// GPT-2's spelling of bytes as characters: visible Latin-1 characters stand for themselves, the other bytes, in order, for
/// U+0100 and up.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = new char[256];
    private static readonly short[] Values = new short[0x200];

    [SuppressMessage("Performance", "CA1810", Justification = "The two tables are filled together.")]
    static ByteAlphabet()
    {
        Array.Fill(Values, (short)-1);
        var next = '\u0100';
        for (var value = 0; value < 256; value++)
        {
            var visible = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            Characters[value] = visible ? (char)value : next++;
            Values[Characters[value]] = (short)value;
        }
    }

    /// <summary>Writes the UTF-8 bytes of the text as characters; gives how many.</summary>
    public static int Spell(ReadOnlySpan<char> text, Span<char> output)
    {
        var length = 0;
        foreach (var c in text)
        {
            if (c >= 0x80)
                return length + SpellRest(text[length..], output[length..]);
            output[length++] = Characters[c];
        }
        return length;
    }

    /// <summary>The bytes that the characters spell; false when one of them is not of the alphabet.</summary>
    public static bool TryRead(string spelled, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = new byte[spelled.Length];
        for (var i = 0; i < spelled.Length; i++)
        {
            if (spelled[i] >= Values.Length || Values[spelled[i]] < 0)
            {
                bytes = null;
                return false;
            }
            bytes[i] = (byte)Values[spelled[i]];
        }
        return true;
    }

    private static int SpellRest(ReadOnlySpan<char> text, Span<char> output)
    {
        Span<byte> utf8 = stackalloc byte[4];
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
                output[length++] = Characters[value];
        }
        return length;
    }
}
