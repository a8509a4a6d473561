using StreamCore.Transport.Parsing;
using StreamCore.Transport.Writing;

namespace StreamCore.Host.Security;

/// <summary>
/// What browsers must read in an answer before a page of another origin may see it (the Fetch standard's CORS protocol).
/// Credentials are never allowed: keys travel in header fields that pages set themselves, and need none.
/// </summary>
internal sealed class Cors(StreamCoreOptions options)
{
    private const string AllowOrigin = "Access-Control-Allow-Origin";
    private const string AskedMethod = "Access-Control-Request-Method";
    private const string AskedHeaders = "Access-Control-Request-Headers";
    private const string KnownHeaders = "Authorization, Content-Type, x-api-key";

    /// <summary>Seconds a browser may remember a preflight's answer; Chrome takes no more than two hours.</summary>
    private const string MaxAge = "7200";

    private readonly string[] _origins = [.. options.Server.CorsOrigins];
    private readonly bool _all = options.Server.CorsOrigins.Contains("*");

    /// <summary>A scheme and a host, <c>null</c> (a page from a file), or <c>*</c>.</summary>
    public static bool IsOrigin(string text)
    {
        if (text is "*" or "null") return true;
        var colon = text.IndexOf("://", StringComparison.Ordinal);
        return colon > 0 && text.Length > colon + 3 && text.All(c => c is > ' ' and < '\x7f') && !text.AsSpan(colon + 3).ContainsAny('/', '?', '#');
    }

    /// <summary>A browser asks whether it may send a request, without a key.</summary>
    public bool IsPreflight(RequestHead request) =>
        _origins.Length > 0 && request.Method == "OPTIONS" && request.Headers.Contains("Origin") && request.Headers.Contains(AskedMethod);

    /// <summary>Adds what every answer needs, an error's too. Does nothing where it was done before.</summary>
    public void AddTo(ResponseHeaders headers, RequestHead? request)
    {
        if (_origins.Length == 0 || headers.Contains("Vary")) return;
        headers.Add("Vary", "Origin");
        if (Allowed(request?.Header("Origin")) is not { } origin) return;
        headers.Add(AllowOrigin, origin);
        headers.Add("Access-Control-Expose-Headers", "x-request-id, Retry-After");
    }

    /// <summary>Adds what a preflight is about, to what every answer has.</summary>
    public static void AddPreflightTo(ResponseHeaders headers, RequestHead request)
    {
        if (!headers.Contains(AllowOrigin)) return;
        headers.Add("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
        headers.Add("Access-Control-Allow-Headers", string.Join(", ", [KnownHeaders, .. Names(request.Header(AskedHeaders))]));
        headers.Add("Access-Control-Max-Age", MaxAge);
    }

    /// <summary>The origin to allow; null when it may not.</summary>
    private string? Allowed(string? origin) =>
        _all ? "*" : Array.Find(_origins, one => string.Equals(one, origin, StringComparison.OrdinalIgnoreCase));

    /// <summary>The field names that were asked for; nothing else is repeated to the client.</summary>
    private static IEnumerable<string> Names(string? asked) =>
        (asked ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(name => name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
}
