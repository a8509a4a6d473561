using System.Text;
using System.Text.Unicode;

namespace StreamCore.Transport.Parsing;

/// <summary>Percent-encoding of request targets (RFC 3986 §2.1).</summary>
internal static class PercentCoding
{
    /// <summary>Whether every percent sign begins an escape.</summary>
    public static bool HasValidEscapes(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOf('%'); at >= 0; at = text.IndexOf('%'))
        {
            if (text.Length < at + 3 || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2])) return false;
            text = text[(at + 3)..];
        }
        return true;
    }

    /// <summary>Decodes once. Refuses bad escapes, bytes that are not UTF-8, and control characters.</summary>
    public static bool TryDecodePath(string raw, out string decoded)
    {
        decoded = raw;
        if (!raw.Contains('%')) return true;
        if (!HasValidEscapes(raw)) return false;

        var bytes = Unescape(raw, plusIsSpace: false);
        if (!Utf8.IsValid(bytes) || bytes.AsSpan().ContainsAnyInRange((byte)0, (byte)0x1F) || bytes.Contains((byte)0x7F)) return false;
        decoded = Encoding.UTF8.GetString(bytes);
        return true;
    }

    /// <summary>Decodes a name or value of a query whose escapes are valid. Bytes that are not UTF-8 become U+FFFD.</summary>
    public static string DecodeQuery(ReadOnlySpan<char> raw) =>
        raw.ContainsAny('%', '+') ? Encoding.UTF8.GetString(Unescape(raw, plusIsSpace: true)) : raw.ToString();

    /// <summary>The bytes of a text whose escapes are valid.</summary>
    public static byte[] Unescape(ReadOnlySpan<char> text, bool plusIsSpace)
    {
        var bytes = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var value = (byte)text[i];
            if (value == '%')
            {
                value = (byte)((HexDigit(text[i + 1]) << 4) | HexDigit(text[i + 2]));
                i += 2;
            }
            else if (plusIsSpace && value == '+') value = (byte)' ';
            bytes[length++] = value;
        }
        return bytes[..length];
    }

    private static int HexDigit(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}
