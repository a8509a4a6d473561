using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using StreamCore.Engines.Tokenization.Normalizers;

namespace StreamCore.Engines.Tokenization.Decoding;

/// <summary>What one token adds to the text, independent of its neighbours: the parts of a decoder, put together.</summary>
/// <param name="Rewrites">Applied in order to a token's spelling.</param>
/// <param name="ByteLevel">Whether spellings are of the <see cref="ByteAlphabet"/>.</param>
/// <param name="ByteFallback">Whether a spelling like &lt;0x0A&gt; is that byte.</param>
/// <param name="StripsLeadingSpace">Whether one space is taken from the start of a whole text.</param>
internal sealed record TokenDecoder(
    ImmutableArray<INormalizer> Rewrites, bool ByteLevel, bool ByteFallback, bool StripsLeadingSpace)
{
    /// <param name="spelling">As it stands in the vocabulary.</param>
    /// <param name="added">Added tokens are spelled as text, never in the byte alphabet.</param>
    public byte[] Decode(string spelling, bool added)
    {
        if (ByteFallback && TryReadByte(spelling, out var value))
            return [value];
        foreach (var rewrite in Rewrites)
            spelling = rewrite.Normalize(spelling);
        return ByteLevel && !added && ByteAlphabet.TryRead(spelling, out var bytes) ? bytes : Encoding.UTF8.GetBytes(spelling);
    }

    /// <summary>Reads <c>&lt;0xNN&gt;</c>.</summary>
    public static bool TryReadByte(string spelling, out byte value)
    {
        value = 0;
        return spelling.Length == 6 && spelling.StartsWith("<0x", StringComparison.Ordinal) && spelling[5] == '>'
            && byte.TryParse(spelling.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
