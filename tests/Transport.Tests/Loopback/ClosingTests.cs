using StreamCore.Transport.Exchange;

namespace StreamCore.Transport.Tests.Loopback;

/// <summary>A socket that is closed over bytes nobody read resets the connection, and takes the last answer with it.</summary>
public sealed class ClosingTests
{
    private const string Get = "GET /good HTTP/1.1\r\nHost: h\r\n\r\n";

    [Fact]
    public async Task A_client_turned_away_can_read_why_though_its_request_was_on_the_way()
    {
        await using var server = await StartAsync(TestServer.EchoAsync, static o => o.MaxConnections = 1);
        using var first = await server.ConnectAsync();
        await first.SendAsync(Get);
        await first.ReceiveResponseAsync();

        using var second = await server.ConnectAsync();
        await second.SendAsync(Get + Get);
        var refusal = await second.ReceiveResponseAsync();
        Assert.Equal((503, "1", "close"), (refusal.Status, refusal.Header("Retry-After"), refusal.Header("Connection")));
        Assert.NotNull(refusal.Header("Date"));
        Assert.NotNull(refusal.Header("x-request-id"));
        await server.AssertClosesAsync(second);
    }

    [Theory]
    [InlineData("closes")]
    [InlineData("fails")]
    public async Task An_answer_that_closes_arrives_though_requests_come_behind_its_own(string ending)
    {
        await using var server = await StartAsync(exchange =>
        {
            if (ending == "fails") throw new InvalidOperationException();
            exchange.CloseAfterAnswer();
            return TestServer.EchoAsync(exchange);
        });
        using var client = await server.ConnectAsync();
        await client.SendAsync(string.Concat(Enumerable.Repeat(Get, 100)));
        var response = await client.ReceiveResponseAsync();
        Assert.Equal((ending == "fails" ? 500 : 200, "close"), (response.Status, response.Header("Connection")));
        await server.AssertClosesAsync(client);
    }

    private static async Task<LoopbackServer> StartAsync(Func<HttpExchange, ValueTask> application, Action<TransportOptions>? configure = null)
    {
        var server = new LoopbackServer(application, configure);
        await server.InitializeAsync();
        return server;
    }
}
