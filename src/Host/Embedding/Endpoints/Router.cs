using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary>Answers one kind of request.</summary>
internal delegate ValueTask Endpoint(HttpExchange exchange);

/// <summary>
/// Finds the endpoint of a path, with or without <c>/v1</c>. A path ends in a free part where it is declared with a trailing '/':
/// model names may hold slashes.
/// </summary>
internal sealed class Router
{
    private readonly Dictionary<string, Dictionary<string, Endpoint>> _routes = new(StringComparer.Ordinal);

    public Router Add(string method, string path, Endpoint endpoint)
    {
        if (!_routes.TryGetValue(path, out var methods)) _routes[path] = methods = new(StringComparer.Ordinal);
        methods[method] = endpoint;
        return this;
    }

    /// <summary>The methods of a path, or null when there is no such path.</summary>
    public IReadOnlyDictionary<string, Endpoint>? Find(string path)
    {
        var rest = WithoutVersion(path);
        if (_routes.TryGetValue(rest, out var exact) && !rest.EndsWith('/')) return exact;
        var slash = rest.IndexOf('/', 1);
        return slash > 0 && slash + 1 < rest.Length && _routes.TryGetValue(rest[..(slash + 1)], out var prefix) ? prefix : null;
    }

    /// <summary>The free part of a path whose route ends in '/'.</summary>
    public static string FreePart(string path)
    {
        var rest = WithoutVersion(path);
        return rest[(rest.IndexOf('/', 1) + 1)..];
    }

    public static string WithoutVersion(string path) => path.StartsWith("/v1/", StringComparison.Ordinal) ? path[3..] : path;
}
