using StreamCore.Transport.Exchange;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Tests.Connections;

public sealed class RequestLimitTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private readonly TaskCompletionSource _finish = new();

    [Fact]
    public async Task A_request_beyond_the_limit_is_told_when_to_come_again_and_keeps_its_connection()
    {
        var server = Waiting(static o => o.MaxRequestsInFlight = 2);
        ServedConnection[] served = [server.Connect(), server.Connect()];
        foreach (var connection in served) await connection.SendAsync(Get);
        var late = server.Connect();
        await late.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
        var refusal = await late.ReceiveResponseAsync();
        Assert.Equal((503, "1", null), (refusal.Status, refusal.Header("Retry-After"), refusal.Header("Connection")));
        Assert.StartsWith("TooManyRequests: ", refusal.Body);
        Assert.Equal(2, server.Handler.RequestCount);

        _finish.SetResult();
        foreach (var connection in served) Assert.Equal(200, (await connection.ReceiveResponseAsync()).Status);
        await late.SendAsync(Get);
        Assert.Equal(200, (await late.ReceiveResponseAsync()).Status);
        Assert.Equal(0, server.Handler.RequestCount);
    }

    [Theory]
    [InlineData("Content-Length: 100000\r\n\r\n")]
    [InlineData("Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")]
    [InlineData("Connection: close\r\n\r\n")]
    public async Task The_connection_of_such_a_request_is_closed_where_keeping_it_costs_more(string fields)
    {
        var server = Waiting(static o => o.MaxRequestsInFlight = 1);
        await server.Connect().SendAsync(Get);
        var received = await server.Connect().SendAllAsync("POST / HTTP/1.1\r\nHost: h\r\n" + fields);
        Assert.StartsWith("HTTP/1.1 503 ", received);
        Assert.Contains("\r\nConnection: close\r\n", received);
        Assert.DoesNotContain("100 Continue", received);
    }

    [Fact]
    public async Task What_the_application_exempts_is_answered_all_the_same()
    {
        var server = Waiting(static o => o.MaxRequestsInFlight = 1);
        await server.Connect().SendAsync(Get);
        Assert.StartsWith("HTTP/1.1 503 ", await server.Connect().SendAllAsync("GET /other HTTP/1.0\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 200 ", await server.Connect().SendAllAsync("GET /exempt HTTP/1.0\r\n\r\n"));
        Assert.Equal(1, server.Handler.RequestCount);
    }

    [Theory]
    [InlineData("fails", 500)]
    [InlineData("leaves", 0)]
    public async Task A_request_that_ends_badly_is_no_longer_counted(string ending, int status)
    {
        var server = Waiting(static o => o.MaxRequestsInFlight = 1);
        var connection = server.Connect();
        await connection.SendAsync(Get);
        if (ending == "fails")
        {
            _finish.SetException(new InvalidOperationException());
            Assert.Equal(status, (await connection.ReceiveResponseAsync()).Status);
        }
        else
        {
            connection.Client.Break();
            await connection.Served;
        }
        Assert.Equal(0, server.Handler.RequestCount);
    }

    [Theory]
    [InlineData("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n", 3, true)]
    [InlineData("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n", 4, false)]
    [InlineData("GET / HTTP/1.0\r\n\r\n", 4, false)]
    [InlineData("GET /1 HTTP/1.1\r\nHost: h\r\nX: a long field, but few requests\r\n", 4, true)]
    public async Task Reading_ahead_stops_at_so_many_later_requests(string later, int count, bool reads)
    {
        HttpExchange? exchange = null;
        var server = new TestServer(async served =>
        {
            exchange ??= served;
            await _finish.Task.WaitAsync(served.Aborted);
            await TestServer.EchoAsync(served);
        }, static o => o.MaxPipelinedRequests = 4);
        var connection = server.Connect();
        await connection.SendAsync(Get);
        foreach (var c in string.Concat(Enumerable.Repeat(later, count))) await connection.SendAsync(c.ToString());

        // A connection that is read is seen to end; one that is not read is seen when its turn comes.
        connection.Client.CloseSending();
        Assert.Equal(reads, exchange!.Aborted.IsCancellationRequested);
        _finish.SetResult();
        await connection.Served.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Every_request_read_ahead_or_not_is_answered_in_its_turn()
    {
        var server = Waiting(static o => o.MaxPipelinedRequests = 4);
        var connection = server.Connect();
        for (var i = 0; i < 50; i++) await connection.SendAsync($"GET /{i} HTTP/1.1\r\nHost: h\r\n\r\n");
        _finish.SetResult();
        for (var i = 0; i < 50; i++) Assert.Equal($"GET /{i} ", (await connection.ReceiveResponseAsync()).Body);
    }

    [Fact]
    public async Task Connections_turned_away_are_told_when_to_come_again()
    {
        var server = new TestServer(TestServer.EchoAsync, static o => o.MaxConnections = 1);
        server.Connect();
        Assert.Contains("\r\nRetry-After: 1\r\n", await server.Connect().SendAllAsync(""));
        Assert.Null(RejectionTable.RetryAfterSeconds(HttpRejection.BodyTooLarge));
    }

    private TestServer Waiting(Action<TransportOptions> configure) => new(async exchange =>
    {
        if (exchange.Request.Path != "/exempt") await _finish.Task.WaitAsync(exchange.Aborted);
        await TestServer.EchoAsync(exchange);
    }, configure);
}
