using System.Buffers;
using StreamCore.Protocol;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary><c>GET /health</c>: the process answers. It listens only when its models are loaded.</summary>
internal static class Health
{
    public static ValueTask HandleAsync(HttpExchange exchange)
    {
        var body = new ArrayBufferWriter<byte>(32);
        HealthApi.Encode(body, "ok");
        return exchange.RespondAsync(200, Answers.JsonType, body.WrittenMemory);
    }
}
