using System.Text;

namespace StreamCore.Transport.Parsing;

/// <summary>The first line of a request (RFC 9112 §3): <c>method SP target SP version</c>.</summary>
internal readonly record struct RequestLine(string Method, RequestTarget Target, ProtocolVersion Version)
{
    public static HttpRejection TryParse(ReadOnlySpan<byte> line, int maxTargetBytes, out RequestLine parsed)
    {
        parsed = default;
        var first = line.IndexOf((byte)' ');
        var last = line.LastIndexOf((byte)' ');
        if (first <= 0 || last <= first + 1) return HttpRejection.MalformedRequestLine;
        if (!FieldSyntax.IsToken(line[..first])) return HttpRejection.InvalidMethod;

        var rejection = TryParseVersion(line[(last + 1)..], out var version);
        if (rejection != HttpRejection.None) return rejection;

        var target = line[(first + 1)..last];
        if (target.Length > maxTargetBytes) return HttpRejection.TargetTooLong;
        var method = MethodName(line[..first]);
        rejection = RequestTarget.TryParse(target, method, out var parsedTarget);
        parsed = new(method, parsedTarget, version);
        return rejection;
    }

    /// <summary>RFC 9112 §2.3: <c>HTTP/</c>, a digit, a dot, a digit.</summary>
    private static HttpRejection TryParseVersion(ReadOnlySpan<byte> text, out ProtocolVersion version)
    {
        version = ProtocolVersion.Http11;
        if (text.Length != 8 || !text.StartsWith("HTTP/"u8) || text[6] != '.' || !IsDigit(text[5]) || !IsDigit(text[7]))
            return HttpRejection.MalformedVersion;
        if (text[5] != '1') return HttpRejection.UnsupportedVersion;
        if (text[7] == '0') version = ProtocolVersion.Http10;
        return HttpRejection.None;
    }

    private static bool IsDigit(byte value) => value is >= (byte)'0' and <= (byte)'9';

    private static string MethodName(ReadOnlySpan<byte> method) =>
        method.SequenceEqual("GET"u8) ? "GET"
        : method.SequenceEqual("POST"u8) ? "POST"
        : method.SequenceEqual("OPTIONS"u8) ? "OPTIONS"
        : method.SequenceEqual("HEAD"u8) ? "HEAD"
        : method.SequenceEqual("DELETE"u8) ? "DELETE"
        : Encoding.ASCII.GetString(method);
}
