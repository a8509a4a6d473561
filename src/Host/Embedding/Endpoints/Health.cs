using StreamCore.Host.Hosting;
using StreamCore.Protocol;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary>What orchestrators and balancers ask. The server listens only when
/// the models that it loads at start are loaded, so an answer is a good sign.</summary>
internal sealed class Health(Readiness readiness)
{
    /// <summary>Asked without a key, and while the server stops.</summary>
    public static bool IsProbe(string path) => Router.WithoutVersion(path) is "/health" or "/ready";

    /// <summary><c>GET /health</c>: the process answers.</summary>
    public static ValueTask LiveAsync(HttpExchange exchange) => AnswerAsync(exchange, 200, "ok");

    /// <summary><c>GET /ready</c>: new requests are welcome; 503 from the moment the server is told to stop.</summary>
    public ValueTask ReadyAsync(HttpExchange exchange) =>
        readiness.IsDraining ? AnswerAsync(exchange, 503, "draining") : AnswerAsync(exchange, 200, "ready");

    private static ValueTask AnswerAsync(HttpExchange exchange, int status, string text) =>
        Answers.JsonAsync(exchange, status, body => HealthApi.Encode(body, text));
}
