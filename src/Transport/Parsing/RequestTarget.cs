using System.Buffers;
using System.Text;

namespace StreamCore.Transport.Parsing;

/// <summary>A request target (RFC 9112 §3.2), taken apart. Dot segments stay as they are: routes are compared, no file is named by a path.</summary>
internal readonly record struct RequestTarget(string Raw, string? Authority, string RawPath, string Path, string RawQuery)
{
    /// <summary>Visible ASCII without '#'. Wider than RFC 3986, since browsers send '|' or '{' in queries as they are.</summary>
    private static readonly SearchValues<byte> TargetBytes = SearchValues.Create(ByteSet.Of(static b => b is > 0x20 and < 0x7F and not (byte)'#'));

    public static HttpRejection TryParse(ReadOnlySpan<byte> bytes, string method, out RequestTarget target)
    {
        target = default;
        if (method == "CONNECT") return HttpRejection.ConnectNotSupported;
        if (bytes.ContainsAnyExcept(TargetBytes)) return HttpRejection.InvalidTarget;

        var raw = Encoding.ASCII.GetString(bytes);
        if (raw == "*")
        {
            target = new(raw, null, raw, raw, "");
            return method == "OPTIONS" ? HttpRejection.None : HttpRejection.InvalidTarget;
        }

        string? authority = null;
        var pathAndQuery = raw;
        if (raw[0] != '/' && !TrySplitAbsolute(raw, out authority, out pathAndQuery)) return HttpRejection.InvalidTarget;

        var mark = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        var rawPath = mark < 0 ? pathAndQuery : pathAndQuery[..mark];
        var rawQuery = mark < 0 ? "" : pathAndQuery[(mark + 1)..];
        if (!PercentCoding.TryDecodePath(rawPath, out var path) || !PercentCoding.HasValidEscapes(rawQuery)) return HttpRejection.InvalidPathEncoding;

        target = new(raw, authority, rawPath, path, rawQuery);
        return HttpRejection.None;
    }

    /// <summary>A server must accept the absolute form; its authority then counts, not the Host field (RFC 9112 §3.2.2).</summary>
    private static bool TrySplitAbsolute(string raw, out string? authority, out string pathAndQuery)
    {
        authority = null;
        pathAndQuery = "/";
        var start = raw.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7
            : raw.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8 : 0;
        if (start == 0) return false;

        var rest = raw.AsSpan(start);
        var end = rest.IndexOfAny('/', '?');
        authority = (end < 0 ? rest : rest[..end]).ToString();
        if (end >= 0) pathAndQuery = rest[end] == '/' ? rest[end..].ToString() : "/" + rest[end..].ToString();
        return authority.Length > 0 && HostSyntax.IsValid(Encoding.ASCII.GetBytes(authority));
    }
}
