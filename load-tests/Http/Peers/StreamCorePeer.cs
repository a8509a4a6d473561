using System.Buffers;
using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Protocol;
using StreamCore.Transport;
using StreamCore.Transport.Exchange;
using StreamCore.Transport.Writing;

namespace StreamCore.HttpBench.Peers;

/// <summary>Our HTTP layer with the encoders of Protocol, used as Host's endpoints use them.</summary>
internal sealed class StreamCorePeer(TokenSource source) : IHttpApplication
{
    private const int MaxBodyBytes = 1024 * 1024;

    public static Task<int> StartAsync(TokenSource source)
    {
        var options = new TransportOptions { MaxConnections = 100_000, MaxConnectionsPerAddress = 100_000 };
        var handler = new HttpConnectionHandler(new StreamCorePeer(source), options, TimeProvider.System, NullLogger<HttpConnectionHandler>.Instance);
        return KestrelConnections.ListenAsync(handler.OnConnectedAsync);
    }

    public ValueTask HandleAsync(HttpExchange exchange) => exchange.Request.Path switch
    {
        "/v1/models" => ModelsAsync(exchange),
        "/v1/chat/completions" => StreamAsync(exchange),
        _ => exchange.RespondAsync(404, null, default),
    };

    public string DescribeRejection(RejectionAnswer answer, IBufferWriter<byte> body)
    {
        ApiError.Http(answer.Status, answer.Message).Encode(body);
        return "application/json";
    }

    private static ValueTask ModelsAsync(HttpExchange exchange)
    {
        var body = new ArrayBufferWriter<byte>(512);
        ModelApi.EncodeList(body, Content.Models);
        return exchange.RespondAsync(200, "application/json", body.WrittenMemory);
    }

    private async ValueTask StreamAsync(HttpExchange exchange)
    {
        await exchange.ReadBodyAsync(MaxBodyBytes);
        var encoder = new ChatStreamEncoder(Content.Stamp, includeUsage: false);
        using var tokens = source.Open();
        var sse = exchange.StartSse();
        sse.BeginEvent();
        encoder.RoleChunk(sse, 0);
        sse.EndEvent();
        while (await sse.FlushAsync() && await tokens.WaitAsync()) WriteReady(sse, encoder, tokens);

        sse.BeginEvent();
        encoder.FinishChunk(sse, 0, FinishReason.Stop);
        sse.EndEvent();
        sse.WriteDone();
        await sse.CompleteAsync();
    }

    private static void WriteReady(SseWriter sse, ChatStreamEncoder encoder, TokenStream tokens)
    {
        Span<byte> scratch = stackalloc byte[Token.DueDigits];
        while (tokens.TryTake(out var token))
        {
            sse.BeginEvent();
            encoder.ContentChunk(sse, 0, token.Utf8(scratch));
            sse.EndEvent();
        }
    }
}
