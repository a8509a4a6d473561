using System.Text;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Multipart;

/// <summary>Collects the header fields of one part (RFC 7578 §4.2, §4.4, §4.7).</summary>
internal struct PartHeadFields
{
    private bool _hasDisposition;
    private string? _name;
    private string? _fileName;
    private string? _contentType;

    public HttpRejection Take(ReadOnlySpan<byte> line)
    {
        if (FieldSyntax.TrySplit(line, out var nameLength, out var range) != HttpRejection.None) return HttpRejection.InvalidPartHead;
        var name = line[..nameLength];
        var value = line[range];
        if (FieldSyntax.Equal(name, "content-disposition"u8)) return TakeDisposition(value);
        if (FieldSyntax.Equal(name, "content-type"u8)) return TakeType(value);
        return FieldSyntax.Equal(name, "content-transfer-encoding"u8) ? CheckEncoding(value) : HttpRejection.None;
    }

    public readonly HttpRejection TryFinish(out PartHead? head)
    {
        head = _name is null ? null : new(_name, _fileName, _contentType);
        return head is null ? HttpRejection.InvalidPartHead : HttpRejection.None;
    }

    private HttpRejection TakeDisposition(ReadOnlySpan<byte> value)
    {
        if (_hasDisposition) return HttpRejection.InvalidPartHead;
        _hasDisposition = true;
        return ContentDisposition.TryParse(value, out _name, out _fileName) ? HttpRejection.None : HttpRejection.InvalidPartHead;
    }

    private HttpRejection TakeType(ReadOnlySpan<byte> value)
    {
        if (_contentType is not null) return HttpRejection.InvalidPartHead;
        _contentType = Encoding.Latin1.GetString(value);
        return HttpRejection.None;
    }

    /// <summary>The encodings that change nothing. Others were never common in forms, and RFC 7578 §4.7 forbids them.</summary>
    private static HttpRejection CheckEncoding(ReadOnlySpan<byte> value) =>
        FieldSyntax.Equal(value, "binary"u8) || FieldSyntax.Equal(value, "8bit"u8) || FieldSyntax.Equal(value, "7bit"u8)
            ? HttpRejection.None : HttpRejection.PartEncodingNotSupported;
}
