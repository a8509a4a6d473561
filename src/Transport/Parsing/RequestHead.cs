using System.Diagnostics.CodeAnalysis;

namespace StreamCore.Transport.Parsing;

/// <summary>A request line and header fields that passed all checks.</summary>
public sealed class RequestHead
{
    private readonly RequestTarget _target;

    internal RequestHead(string method, RequestTarget target, ProtocolVersion version, HeaderBlock headers)
    {
        Method = method;
        _target = target;
        Version = version;
        Headers = headers;
    }

    /// <summary>Any valid token; methods are case-sensitive.</summary>
    public string Method { get; }

    /// <summary>The target as received.</summary>
    public string Target => _target.Raw;

    /// <summary>The path as received, still percent-encoded: <c>%2F</c> and <c>/</c> differ here. <c>*</c> for OPTIONS of the whole server.</summary>
    public string RawPath => _target.RawPath;

    /// <summary>The path, percent-decoded once as UTF-8.</summary>
    public string Path => _target.Path;

    /// <summary>The query as received, without its question mark.</summary>
    public string RawQuery => _target.RawQuery;

    public ProtocolVersion Version { get; }

    public HeaderBlock Headers { get; }

    /// <summary>The host the client asked for: of an absolute target, or else of the Host field; null if it named none.</summary>
    public string? Authority => _target.Authority ?? Header("Host");

    /// <summary>The value of a header field, or null. The name's case does not matter.</summary>
    public string? Header(string name) => Headers.Find(name);

    /// <summary>The first query parameter of this name, decoded; a plus sign is a space.</summary>
    public bool TryGetQuery(string name, [NotNullWhen(true)] out string? value)
    {
        foreach (var range in RawQuery.AsSpan().Split('&'))
        {
            var pair = RawQuery.AsSpan(range);
            var equals = pair.IndexOf('=');
            if (PercentCoding.DecodeQuery(equals < 0 ? pair : pair[..equals]) != name) continue;
            value = equals < 0 ? "" : PercentCoding.DecodeQuery(pair[(equals + 1)..]);
            return true;
        }
        value = null;
        return false;
    }
}
