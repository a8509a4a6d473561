using System.Buffers.Text;

namespace StreamCore.Transport.Parsing;

/// <summary>What the header fields say about the message itself: how long the body is, and what becomes of the connection.</summary>
/// <param name="ContentLength">Bytes of the body; null when it is chunked.</param>
/// <param name="KeepAlive">Whether the client wants to use the connection again.</param>
/// <param name="ExpectsContinue">Whether the client waits for 100 before it sends the body.</param>
internal readonly record struct RequestFraming(long? ContentLength, bool KeepAlive, bool ExpectsContinue)
{
    public bool HasBody => ContentLength != 0;

    /// <summary>RFC 9112 §3.2 and §6.3, with every choice they leave made for the stricter side.</summary>
    public static HttpRejection TryRead(RequestHead head, out RequestFraming framing)
    {
        framing = default;
        var fields = new FramingFields();
        var rejection = fields.Collect(head.Headers);
        if (rejection != HttpRejection.None) return rejection;

        var http11 = head.Version == ProtocolVersion.Http11;
        if (http11 && fields.Hosts == 0) return HttpRejection.MissingHost;
        if (fields.Chunked)
        {
            if (!http11) return HttpRejection.TransferEncodingInHttp10;
            if (fields.Length is not null) return HttpRejection.LengthAndTransferEncoding;
        }
        else if (!http11 && fields.Length is null && head.Method is "POST" or "PUT" or "PATCH") return HttpRejection.LengthRequired;

        var keepAlive = !fields.Close && (http11 || fields.KeepAlive);
        long? length = fields.Chunked ? null : fields.Length ?? 0;
        framing = new(length, keepAlive, fields.ExpectsContinue && http11 && length != 0);
        return HttpRejection.None;
    }

    /// <summary>RFC 9110 §8.6: digits only. A number beyond 64 bits is a length all the same, only too large.</summary>
    internal static HttpRejection TryReadLength(ReadOnlySpan<byte> value, out long length)
    {
        length = 0;
        if (value.IsEmpty || value.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return HttpRejection.InvalidContentLength;
        return Utf8Parser.TryParse(value, out length, out _) ? HttpRejection.None : HttpRejection.BodyTooLarge;
    }
}
