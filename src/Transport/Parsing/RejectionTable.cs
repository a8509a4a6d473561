using System.Diagnostics;

namespace StreamCore.Transport.Parsing;

/// <summary>The one place that turns a <see cref="HttpRejection"/> into a status code, a text for the client, and when to come again.</summary>
public static class RejectionTable
{
    public static (int Status, string Message) Answer(HttpRejection rejection) => rejection switch
    {
        HttpRejection.BareLineFeed => (400, "Lines of the request head must end in CR LF."),
        HttpRejection.MalformedRequestLine => (400, "The request line must be a method, a target and a version, separated by single spaces."),
        HttpRejection.InvalidMethod => (400, "The request method contains a character that is not allowed."),
        HttpRejection.InvalidTarget => (400, "The request target is not valid for this method."),
        HttpRejection.InvalidPathEncoding => (400, "The request target is not valid percent-encoded UTF-8."),
        HttpRejection.TargetTooLong => (414, "The request target is too long."),
        HttpRejection.ConnectNotSupported => (501, "The CONNECT method is not supported."),
        HttpRejection.MalformedVersion => (400, "The HTTP version of the request line is malformed."),
        HttpRejection.UnsupportedVersion => (505, "Only HTTP/1.0 and HTTP/1.1 are supported."),

        HttpRejection.FoldedHeader => (400, "Header fields folded over several lines are not accepted."),
        HttpRejection.InvalidHeaderName => (400, "A header field must be a valid name directly followed by a colon."),
        HttpRejection.InvalidHeaderValue => (400, "A header field value contains a character that is not allowed."),
        HttpRejection.HeadTooLarge => (431, "The request head is too large."),
        HttpRejection.TooManyHeaders => (431, "The request has too many header fields."),
        HttpRejection.HeadCutShort => (400, "The connection ended within the request head."),
        HttpRejection.HeadTimeout => (408, "The request head did not arrive in time."),

        HttpRejection.MissingHost => (400, "An HTTP/1.1 request must have a Host header field."),
        HttpRejection.DuplicateHost => (400, "The request has more than one Host header field."),
        HttpRejection.InvalidHost => (400, "The Host header field is not valid."),
        HttpRejection.InvalidContentLength => (400, "The Content-Length header field is not a plain decimal number."),
        HttpRejection.DuplicateContentLength => (400, "The request has more than one Content-Length."),
        HttpRejection.LengthAndTransferEncoding => (400, "The request has both Content-Length and Transfer-Encoding."),
        HttpRejection.LengthRequired => (411, "An HTTP/1.0 request with a body must have a Content-Length."),
        HttpRejection.TransferEncodingInHttp10 => (400, "Transfer-Encoding is not allowed in an HTTP/1.0 request."),
        HttpRejection.InvalidTransferEncoding => (400, "The last transfer coding must be chunked, and chunked may be named only once."),
        HttpRejection.UnknownTransferCoding => (501, "The only transfer coding supported is chunked."),
        HttpRejection.UnknownExpectation => (417, "The only expectation supported is 100-continue."),

        HttpRejection.BodyTooLarge => (413, "The request body is too large."),
        HttpRejection.BodyCutShort => (400, "The connection ended within the request body."),
        HttpRejection.BodyTimeout => (408, "The request body did not arrive in time."),
        HttpRejection.InvalidChunkSize => (400, "A chunk size of the request body is not a valid hexadecimal number."),
        HttpRejection.InvalidChunkExtension => (400, "A chunk extension of the request body is not valid."),
        HttpRejection.ChunkLineTooLong => (400, "A chunk size line of the request body is too long."),
        HttpRejection.MissingChunkEnd => (400, "A chunk of the request body does not end where its size says."),
        HttpRejection.InvalidTrailer => (400, "A trailer field of the request body is not valid."),
        HttpRejection.TrailersTooLarge => (431, "The trailer fields of the request body are too large."),

        HttpRejection.NotAForm => (400, "The request must have the content type multipart/form-data."),
        HttpRejection.InvalidBoundary => (400, "The content type multipart/form-data must name one valid boundary."),
        HttpRejection.MalformedForm => (400, "A boundary line or a header line of the form is malformed."),
        HttpRejection.FormCutShort => (400, "The form ends before its last boundary."),
        HttpRejection.InvalidPartHead => (400, "Each part of the form must have valid header fields and one Content-Disposition: form-data that names it."),
        HttpRejection.PartEncodingNotSupported => (400, "The parts of the form must not have a Content-Transfer-Encoding."),
        HttpRejection.InvalidFieldText => (400, "A field of the form is not valid UTF-8."),
        HttpRejection.PartHeadTooLarge => (413, "The header fields of a part of the form are too large."),
        HttpRejection.TooManyParts => (413, "The form has too many parts."),
        HttpRejection.FieldTooLarge => (413, "A field of the form is too large."),
        HttpRejection.FileTooLarge => (413, "A file of the form is too large."),

        HttpRejection.TooManyConnections => (503, "The server has too many open connections. Try again later."),
        HttpRejection.TooManyConnectionsFromAddress => (429, "There are too many open connections from this address."),
        HttpRejection.TooManyRequests => (503, "The server is answering as many requests as it can. Try again later."),

        HttpRejection.ApplicationFailed => (500, "The server had an error while processing the request."),
        HttpRejection.ApplicationGaveNoAnswer => (500, "The server had no answer to the request."),

        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// Seconds after which another try makes sense; null when it is for the client to change something first. The least that the field
    /// can say: connections and requests come and go faster than it can tell.
    /// </summary>
    public static int? RetryAfterSeconds(HttpRejection rejection) => rejection switch
    {
        HttpRejection.TooManyConnections or HttpRejection.TooManyConnectionsFromAddress or HttpRejection.TooManyRequests => 1,
        _ => null,
    };
}
