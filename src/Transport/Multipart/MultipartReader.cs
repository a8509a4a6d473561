using StreamCore.Transport.Bodies;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Multipart;

/// <summary>Reads <c>multipart/form-data</c> (RFC 7578) as it arrives: fields into memory, long files into temporary ones.</summary>
public static class MultipartReader
{
    /// <summary>The whole form; a rejection is for the caller to pass on. What a refused form had put aside is deleted.</summary>
    /// <param name="body">Read to its end, unless the form is refused before.</param>
    /// <param name="contentType">The request's Content-Type, which names the boundary.</param>
    /// <exception cref="IOException">A temporary file cannot be written.</exception>
    public static async ValueTask<MultipartContent> ReadAsync(RequestBody body, string? contentType, MultipartOptions options)
    {
        var rejection = MultipartBoundary.TryRead(contentType, out var boundary);
        if (rejection != HttpRejection.None) return new(null, rejection);
        if (body.Length > options.MaxTotalBytes) return new(null, HttpRejection.BodyTooLarge);

        using var form = new FormBuilder(boundary, options);
        while (true)
        {
            var piece = await body.ReadAsync();
            foreach (var segment in piece.Bytes)
            {
                rejection = await form.TakeAsync(segment);
                if (rejection != HttpRejection.None) return new(null, rejection);
            }
            if (piece.HasMore) continue;
            if (!piece.IsEnd) return new(null, piece.Rejection);
            rejection = form.Finish(out var whole);
            return new(whole, rejection);
        }
    }
}
