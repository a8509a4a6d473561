using System.Buffers;
using System.Buffers.Text;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Bodies;

/// <summary>The line before a chunk (RFC 9112 §7.1): <c>1*HEXDIG *( BWS ";" extension )</c>.</summary>
internal static class ChunkLine
{
    /// <summary>Fifteen digits stay below 2^60: no sum of a size and anything else can overflow.</summary>
    private const int MaxDigits = 15;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    public static HttpRejection TryParse(ReadOnlySpan<byte> line, out long size, out int extensionBytes)
    {
        size = 0;
        var digits = line.IndexOfAnyExcept(HexDigits);
        if (digits < 0) digits = line.Length;
        extensionBytes = line.Length - digits;
        if (digits is 0 or > MaxDigits) return HttpRejection.InvalidChunkSize;
        _ = Utf8Parser.TryParse(line[..digits], out size, out _, 'x');

        if (extensionBytes == 0) return HttpRejection.None;
        var extension = line[digits..].TrimStart(" \t"u8);
        if (extension.IsEmpty || extension[0] != ';') return HttpRejection.InvalidChunkSize;
        return FieldSyntax.IsValue(extension) ? HttpRejection.None : HttpRejection.InvalidChunkExtension;
    }
}
