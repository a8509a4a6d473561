using System.Buffers;
using System.Text;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Multipart;

/// <summary>The line that divides the parts, told by the request's Content-Type (RFC 2046 §5.1.1).</summary>
internal static class MultipartBoundary
{
    private const int MaxLength = 70;

    private static readonly SearchValues<byte> BoundaryBytes = SearchValues.Create(
        "'()+_,-./:=? 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    public static HttpRejection TryRead(string? contentType, out byte[] boundary)
    {
        boundary = [];
        var text = Encoding.Latin1.GetBytes(contentType ?? "").AsSpan();
        var end = text.IndexOf((byte)';');
        if (!FieldSyntax.Equal(FieldSyntax.Trim(end < 0 ? text : text[..end]), "multipart/form-data"u8)) return HttpRejection.NotAForm;

        var parameters = new Parameters(end < 0 ? default : text[end..]);
        while (parameters.TryNext(out var name, out var value))
        {
            if (!FieldSyntax.Equal(name, "boundary"u8)) continue;
            if (boundary.Length > 0 || !IsValid(value)) return HttpRejection.InvalidBoundary;
            boundary = value.ToArray();
        }
        return boundary.Length > 0 && !parameters.IsMalformed ? HttpRejection.None : HttpRejection.InvalidBoundary;
    }

    private static bool IsValid(ReadOnlySpan<byte> value) =>
        value.Length is > 0 and <= MaxLength && !value.ContainsAnyExcept(BoundaryBytes) && value[^1] != ' ';
}
