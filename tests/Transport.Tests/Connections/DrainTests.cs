using StreamCore.Transport.Exchange;

namespace StreamCore.Transport.Tests.Connections;

public sealed class DrainTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private readonly TaskCompletionSource<HttpExchange> _handling = new();
    private readonly TaskCompletionSource _finish = new();
    private readonly TestServer _server;

    public DrainTests() => _server = new(async exchange =>
    {
        _handling.TrySetResult(exchange);
        await _finish.Task.WaitAsync(exchange.Aborted);
        await TestServer.EchoAsync(exchange);
    });

    [Fact]
    public async Task Idle_connections_are_closed_at_once()
    {
        var fresh = _server.Connect();
        var used = _server.Connect();
        _finish.SetResult();
        await used.SendAsync(Get);
        await used.ReceiveResponseAsync();
        Assert.Equal(2, _server.Handler.ConnectionCount);

        await _server.Handler.DrainAsync(default);
        Assert.Equal("", await fresh.Client.ReceiveToEndAsync());
        Assert.Equal("", await used.Client.ReceiveToEndAsync());
        Assert.Equal(0, _server.Handler.ConnectionCount);
    }

    [Fact]
    public async Task An_answer_in_hand_is_finished_and_says_that_the_connection_closes()
    {
        var connection = _server.Connect();
        await connection.SendAsync(Get);
        var exchange = await _handling.Task;
        var drained = _server.Handler.DrainAsync(default);
        Assert.False(drained.IsCompleted);
        Assert.False(exchange.Aborted.IsCancellationRequested);

        _finish.SetResult();
        var response = await connection.ReceiveResponseAsync();
        Assert.Equal((200, "close"), (response.Status, response.Header("Connection")));
        Assert.Equal("", await connection.Client.ReceiveToEndAsync());
        await drained;
    }

    [Fact]
    public async Task A_connection_with_requests_behind_the_last_answer_stays_until_that_has_been_read()
    {
        var connection = _server.Connect();
        await connection.SendAsync(Get + Get);
        await _handling.Task;
        var drained = _server.Handler.DrainAsync(default);
        _finish.SetResult();
        Assert.Equal("close", (await connection.ReceiveResponseAsync()).Header("Connection"));
        Assert.False(connection.Served.IsCompleted);
        connection.Client.CloseSending();
        Assert.Equal("", await connection.Client.ReceiveToEndAsync());
        await drained;
    }

    [Theory]
    [InlineData(Get)]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab")]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n")]
    public async Task A_connection_whose_answer_has_promised_to_keep_it_ends_after_that_answer(string request)
    {
        var server = new TestServer(async exchange =>
        {
            var body = exchange.StartStream(200, "text/plain");
            await body.FlushAsync();
            _handling.TrySetResult(exchange);
            await _finish.Task;
            await body.CompleteAsync();
        });
        var connection = server.Connect();
        await connection.SendAsync(request);
        await _handling.Task;
        var drained = server.Handler.DrainAsync(default);
        _finish.SetResult();
        if (!request.EndsWith("ab", StringComparison.Ordinal) && request != Get) await connection.SendAsync("ab");
        Assert.EndsWith("0\r\n\r\n", await connection.Client.ReceiveToEndAsync());
        await drained;
    }

    [Fact]
    public async Task A_request_on_its_way_is_still_answered()
    {
        var connection = _server.Connect();
        _finish.SetResult();
        await connection.SendAsync(Get[..10]);
        var drained = _server.Handler.DrainAsync(default);
        await connection.SendAsync(Get[10..]);
        Assert.Equal("close", (await connection.ReceiveResponseAsync()).Header("Connection"));
        await drained;
    }

    [Fact]
    public async Task Connections_that_come_while_draining_serve_one_request()
    {
        _finish.SetResult();
        _ = _server.Connect();
        var drained = _server.Handler.DrainAsync(default);
        await drained;
        var late = _server.Connect();
        Assert.Equal("", await late.Client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task What_does_not_end_in_time_is_aborted()
    {
        var connection = _server.Connect();
        await connection.SendAsync(Get);
        var exchange = await _handling.Task;
        using var giveUp = new CancellationTokenSource();
        var drained = _server.Handler.DrainAsync(giveUp.Token);
        await giveUp.CancelAsync();
        Assert.True(exchange.Aborted.IsCancellationRequested);
        await drained;
        await Assert.ThrowsAnyAsync<Exception>(connection.Client.ReceiveToEndAsync);
    }

    [Fact]
    public async Task One_connection_can_be_asked_to_end()
    {
        using var stopping = new CancellationTokenSource();
        var asked = _server.Connect(stopping: stopping.Token);
        var other = _server.Connect();
        await stopping.CancelAsync();
        Assert.Equal("", await asked.Client.ReceiveToEndAsync());
        Assert.False(other.Served.IsCompleted);
    }
}
