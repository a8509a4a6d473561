using System.Text;
using System.Text.Unicode;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Multipart;

/// <summary>The field that names a part (RFC 7578 §4.2): <c>form-data; name="…"; filename="…"</c>.</summary>
internal static class ContentDisposition
{
    /// <summary>False when it is malformed, or names no part. A file name loses its folders.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out string? name, out string? fileName)
    {
        name = fileName = null;
        var end = text.IndexOf((byte)';');
        if (end < 0 || !FieldSyntax.Equal(FieldSyntax.Trim(text[..end]), "form-data"u8)) return false;

        string? plainFileName = null, plainName = null;
        var parameters = new Parameters(text[end..]);
        while (parameters.TryNext(out var key, out var value))
        {
            var taken = FieldSyntax.Equal(key, "name"u8) ? TrySet(ref plainName, Plain(value, strict: true))
                : FieldSyntax.Equal(key, "filename"u8) ? TrySet(ref plainFileName, Plain(value, strict: false))
                : FieldSyntax.Equal(key, "name*"u8) ? TrySet(ref name, Extended(value))
                : FieldSyntax.Equal(key, "filename*"u8) ? TrySet(ref fileName, Extended(value))
                // RFC 2231 §3 would go on in filename*1: no client that speaks HTTP does.
                : !Ascii.EqualsIgnoreCase(key[..Math.Min(key.Length, 9)], "filename*"u8);
            if (!taken) return false;
        }

        // RFC 8187 §4.2: the extended form is the better one.
        name ??= plainName;
        fileName = WithoutFolders(fileName ?? plainFileName);
        return !parameters.IsMalformed && name is not null;
    }

    /// <summary>Null when it cannot be read; twice the same is no better.</summary>
    private static bool TrySet(ref string? target, string? value)
    {
        if (target is not null || value is null) return false;
        target = value;
        return true;
    }

    /// <summary>UTF-8, in which browsers percent-encode a quotation mark and the ends of lines, and nothing else.</summary>
    private static string? Plain(ReadOnlySpan<byte> bytes, bool strict)
    {
        if (strict && !Utf8.IsValid(bytes)) return null;
        var text = Encoding.UTF8.GetString(bytes);
        return text.Contains('%', StringComparison.Ordinal)
            ? text.Replace("%22", "\"", StringComparison.Ordinal)
                .Replace("%0D", "\r", StringComparison.OrdinalIgnoreCase)
                .Replace("%0A", "\n", StringComparison.OrdinalIgnoreCase)
            : text;
    }

    /// <summary>RFC 8187 §3.2: <c>charset'language'percent-encoded</c>.</summary>
    private static string? Extended(ReadOnlySpan<byte> bytes)
    {
        var first = bytes.IndexOf((byte)'\'');
        var second = first < 0 ? -1 : bytes[(first + 1)..].IndexOf((byte)'\'');
        if (second < 0) return null;
        var charset = bytes[..first];
        var escaped = Encoding.Latin1.GetString(bytes[(first + second + 2)..]);
        if (!PercentCoding.HasValidEscapes(escaped)) return null;

        var decoded = PercentCoding.Unescape(escaped, plusIsSpace: false);
        if (FieldSyntax.Equal(charset, "utf-8"u8)) return Utf8.IsValid(decoded) ? Encoding.UTF8.GetString(decoded) : null;
        return FieldSyntax.Equal(charset, "iso-8859-1"u8) ? Encoding.Latin1.GetString(decoded) : null;
    }

    private static string? WithoutFolders(string? path) => path?[(path.LastIndexOfAny(['/', '\\']) + 1)..];
}
