using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Tests.Parsing;

/// <summary>Request heads, good and bad, for tests of the parser and of whole connections alike.</summary>
internal static class Heads
{
    private const string Host = "Host: h\r\n";

    /// <summary>Heads that are accepted, and what is understood: method, decoded path, query, authority.</summary>
    public static readonly (string Head, string Understood)[] Good =
    [
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / ? h"),
        ("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / ? h"),
        ("GET / HTTP/1.0\r\n\r\n", "GET / ? "),
        ("GET / HTTP/1.2\r\nHost: h\r\n\r\n", "GET / ? h"),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / ? "),
        ("GET / HTTP/1.1\r\nhOsT:\t h:80 \t\r\n\r\n", "GET / ? h:80"),
        ("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "GET / ? [::1]:8080"),
        ("M-SEARCH / HTTP/1.1\r\nHost: h\r\n\r\n", "M-SEARCH / ? h"),
        ("GET /v1/models/org/name?x=1&y HTTP/1.1\r\nHost: h\r\n\r\n", "GET /v1/models/org/name ?x=1&y h"),
        ("GET /v1/models/org%2Fname HTTP/1.1\r\nHost: h\r\n\r\n", "GET /v1/models/org/name ? h"),
        ("GET /%2525 HTTP/1.1\r\nHost: h\r\n\r\n", "GET /%25 ? h"),
        ("GET /%C3%A4 HTTP/1.1\r\nHost: h\r\n\r\n", "GET /ä ? h"),
        ("GET /a/../b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a/../b ? h"),
        ("GET /?a|{b} HTTP/1.1\r\nHost: h\r\n\r\n", "GET / ?a|{b} h"),
        ("GET http://other:81/p?q HTTP/1.1\r\nHost: h\r\n\r\n", "GET /p ?q other:81"),
        ("GET HTTPS://other HTTP/1.1\r\nHost: h\r\n\r\n", "GET / ? other"),
        ("GET http://other?q HTTP/1.1\r\nHost: h\r\n\r\n", "GET / ?q other"),
        ("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS * ? h"),
        ("GET / HTTP/1.1\r\nHost: h\r\nX: \u00FC\r\nEmpty:\r\nUpgrade: h2c\r\n\r\n", "GET / ? h"),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", "POST / ? h"),
        ("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 0\r\n\r\n", "POST / ? h"),
    ];

    /// <summary>Heads that are refused, each for one reason.</summary>
    public static readonly (string Head, HttpRejection Rejection)[] Bad =
    [
        // The request line.
        ("GET / HTTP/1.1\nHost: h\n\n", HttpRejection.BareLineFeed),
        ("\nGET / HTTP/1.1\r\n" + Host + "\r\n", HttpRejection.BareLineFeed),
        ("GET / HTTP/1.1\r\nHost: h\n\r\n", HttpRejection.BareLineFeed),
        ("GET / HTTP/1.1\r\nHost: h\r\n\n", HttpRejection.BareLineFeed),
        ("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", HttpRejection.MalformedRequestLine),
        ("GET /\r\n\r\n", HttpRejection.MalformedRequestLine),
        ("GET\r\n\r\n", HttpRejection.MalformedRequestLine),
        ("GET  HTTP/1.1\r\n\r\n", HttpRejection.MalformedRequestLine),
        (" GET / HTTP/1.1\r\n\r\n", HttpRejection.MalformedRequestLine),
        ("GET / HTTP/1.1 \r\n\r\n", HttpRejection.MalformedVersion),
        ("G(T / HTTP/1.1\r\n\r\n", HttpRejection.InvalidMethod),
        ("\rGET / HTTP/1.1\r\n\r\n", HttpRejection.InvalidMethod),
        ("\u0016\u0003\u0001 / HTTP/1.1\r\n\r\n", HttpRejection.InvalidMethod),
        ("GET  / HTTP/1.1\r\n\r\n", HttpRejection.InvalidTarget),
        ("GET /a b HTTP/1.1\r\n\r\n", HttpRejection.InvalidTarget),
        ("GET /a\tb HTTP/1.1\r\n\r\n", HttpRejection.InvalidTarget),
        ("GET /\u00E4 HTTP/1.1\r\n\r\n", HttpRejection.InvalidTarget),
        ("GET /a#b HTTP/1.1\r\n\r\n", HttpRejection.InvalidTarget),
        ("GET a HTTP/1.1\r\n\r\n", HttpRejection.InvalidTarget),
        ("GET * HTTP/1.1\r\n\r\n", HttpRejection.InvalidTarget),
        ("GET h:80 HTTP/1.1\r\n\r\n", HttpRejection.InvalidTarget),
        ("GET ftp://h/ HTTP/1.1\r\n\r\n", HttpRejection.InvalidTarget),
        ("GET http:///p HTTP/1.1\r\n\r\n", HttpRejection.InvalidTarget),
        ("GET http://u@h/ HTTP/1.1\r\n\r\n", HttpRejection.InvalidTarget),
        ("GET /%zz HTTP/1.1\r\n\r\n", HttpRejection.InvalidPathEncoding),
        ("GET /%4 HTTP/1.1\r\n\r\n", HttpRejection.InvalidPathEncoding),
        ("GET /%00 HTTP/1.1\r\n\r\n", HttpRejection.InvalidPathEncoding),
        ("GET /%0A HTTP/1.1\r\n\r\n", HttpRejection.InvalidPathEncoding),
        ("GET /%FF HTTP/1.1\r\n\r\n", HttpRejection.InvalidPathEncoding),
        ("GET /%C0%AF HTTP/1.1\r\n\r\n", HttpRejection.InvalidPathEncoding),
        ("GET /?%g1 HTTP/1.1\r\n\r\n", HttpRejection.InvalidPathEncoding),
        ("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", HttpRejection.ConnectNotSupported),
        ("GET / http/1.1\r\n\r\n", HttpRejection.MalformedVersion),
        ("GET / HTTP/1,1\r\n\r\n", HttpRejection.MalformedVersion),
        ("GET / HTTP/11\r\n\r\n", HttpRejection.MalformedVersion),
        ("GET / HTTP/1.1\r\r\n\r\n", HttpRejection.MalformedVersion),
        ("GET / HTTP/0.9\r\n\r\n", HttpRejection.UnsupportedVersion),
        ("PRI * HTTP/2.0\r\n\r\n", HttpRejection.UnsupportedVersion),

        // The fields.
        ("GET / HTTP/1.1\r\n Host: h\r\n\r\n", HttpRejection.FoldedHeader),
        ("GET / HTTP/1.1\r\n" + Host + "X: a\r\n b\r\n\r\n", HttpRejection.FoldedHeader),
        ("GET / HTTP/1.1\r\n" + Host + "X: a\r\n\tb\r\n\r\n", HttpRejection.FoldedHeader),
        ("GET / HTTP/1.1\r\nHost : h\r\n\r\n", HttpRejection.InvalidHeaderName),
        ("GET / HTTP/1.1\r\nHost\r\n\r\n", HttpRejection.InvalidHeaderName),
        ("GET / HTTP/1.1\r\n: h\r\n\r\n", HttpRejection.InvalidHeaderName),
        ("GET / HTTP/1.1\r\nX(: h\r\n\r\n", HttpRejection.InvalidHeaderName),
        ("GET / HTTP/1.1\r\nX\u00E4: h\r\n\r\n", HttpRejection.InvalidHeaderName),
        ("GET / HTTP/1.1\r\nX: a\0b\r\n\r\n", HttpRejection.InvalidHeaderValue),
        ("GET / HTTP/1.1\r\nX: a\rb\r\n\r\n", HttpRejection.InvalidHeaderValue),
        ("GET / HTTP/1.1\r\nX: a\r\r\n\r\n", HttpRejection.InvalidHeaderValue),
        ("GET / HTTP/1.1\r\nX: a\u007Fb\r\n\r\n", HttpRejection.InvalidHeaderValue),

        // What the fields say about the message.
        ("GET / HTTP/1.1\r\n\r\n", HttpRejection.MissingHost),
        ("GET / HTTP/1.1\r\n" + Host + Host + "\r\n", HttpRejection.DuplicateHost),
        ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", HttpRejection.InvalidHost),
        ("GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", HttpRejection.InvalidHost),
        ("GET / HTTP/1.1\r\nHost: h/p\r\n\r\n", HttpRejection.InvalidHost),
        ("GET / HTTP/1.1\r\nHost: h:x\r\n\r\n", HttpRejection.InvalidHost),
        ("GET / HTTP/1.1\r\nHost: :80\r\n\r\n", HttpRejection.InvalidHost),
        ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", HttpRejection.InvalidHost),
        ("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", HttpRejection.InvalidHost),
        ("GET / HTTP/1.0\r\nHost: a b\r\n\r\n", HttpRejection.InvalidHost),
        .. BadLengths("+1", "-1", "0x1", "1,1", "1.0", "", "a", "1 1").Select(static head => (head, HttpRejection.InvalidContentLength)),
        ("POST / HTTP/1.1\r\n" + Host + "Content-Length: 99999999999999999999\r\n\r\n", HttpRejection.BodyTooLarge),
        ("POST / HTTP/1.1\r\n" + Host + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", HttpRejection.DuplicateContentLength),
        ("POST / HTTP/1.1\r\n" + Host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", HttpRejection.LengthAndTransferEncoding),
        ("POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", HttpRejection.LengthAndTransferEncoding),
        ("POST / HTTP/1.0\r\n\r\n", HttpRejection.LengthRequired),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", HttpRejection.TransferEncodingInHttp10),
        .. BadCodings("chunked, chunked", "chunked, gzip", "gzip", "identity", "", "chunked;x=1", "\"chunked\"", "chunked\r\nTransfer-Encoding: chunked")
            .Select(static head => (head, HttpRejection.InvalidTransferEncoding)),
        ("POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: gzip, chunked\r\n\r\n", HttpRejection.UnknownTransferCoding),
        ("POST / HTTP/1.1\r\n" + Host + "Expect: 200-ok\r\n\r\n", HttpRejection.UnknownExpectation),
    ];

    private static IEnumerable<string> BadLengths(params string[] values) =>
        values.Select(static v => "POST / HTTP/1.1\r\n" + Host + "Content-Length: " + v + "\r\n\r\n");

    private static IEnumerable<string> BadCodings(params string[] values) =>
        values.Select(static v => "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: " + v + "\r\n\r\n");
}
