using System.Buffers;
using StreamCore.Transport.Exchange;

namespace StreamCore.Transport.Tests.Exchange;

public sealed class DisconnectTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private readonly TaskCompletionSource<HttpExchange> _handling = new();
    private readonly TaskCompletionSource _finish = new();

    [Theory]
    [InlineData(Get)]
    [InlineData(Get + Get)]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab")]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\nGET ")]
    public async Task A_client_that_leaves_is_noticed_at_once_while_the_application_waits(string sent)
    {
        var connection = Waiting().Connect();
        await connection.SendAsync(sent);
        var exchange = await _handling.Task;
        Assert.False(exchange.Aborted.IsCancellationRequested);
        connection.Client.CloseSending();
        Assert.True(exchange.Aborted.IsCancellationRequested);
        await connection.Served;
    }

    [Fact]
    public async Task A_connection_that_breaks_is_noticed_at_once()
    {
        var connection = Waiting().Connect();
        await connection.SendAsync(Get);
        var exchange = await _handling.Task;
        connection.Client.Break();
        Assert.True(exchange.Aborted.IsCancellationRequested);
        await connection.Served;
    }

    [Fact]
    public async Task Pipelined_bytes_that_come_while_an_answer_is_pending_are_not_lost()
    {
        var connection = Waiting().Connect();
        await connection.SendAsync(Get);
        var exchange = await _handling.Task;
        foreach (var c in "GET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3 HTTP/1.1\r\nHost: h\r\n\r\n") await connection.SendAsync(c.ToString());
        Assert.False(exchange.Aborted.IsCancellationRequested);
        _finish.SetResult();
        foreach (var path in (string[])["/", "/2", "/3"]) Assert.Equal($"GET {path} ", (await connection.ReceiveResponseAsync()).Body);
    }

    [Fact]
    public async Task Reading_ahead_stops_at_the_limit_and_goes_on_afterwards()
    {
        var connection = Waiting(static o => o.MaxPipelinedBytes = 100).Connect();
        await connection.SendAsync(Get);
        await _handling.Task;
        for (var i = 0; i < 50; i++) await connection.SendAsync(Get);
        _finish.SetResult();
        for (var i = 0; i < 51; i++) Assert.Equal("GET / ", (await connection.ReceiveResponseAsync()).Body);
    }

    [Fact]
    public async Task A_client_that_leaves_makes_flushes_say_so()
    {
        var flushed = new TaskCompletionSource<bool>();
        var server = new TestServer(async exchange =>
        {
            var sse = exchange.StartSse();
            await sse.FlushAsync();
            await _finish.Task;
            sse.WriteDone();
            flushed.SetResult(await sse.FlushAsync());
        });
        var connection = server.Connect();
        await connection.SendAsync(Get);
        connection.Client.Break();
        _finish.SetResult();
        Assert.False(await flushed.Task);
        await connection.Served;
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_client_that_does_not_read_in_time_is_cut_off()
    {
        var server = new TestServer(async exchange =>
        {
            var stream = exchange.StartStream(200, "text/plain");
            _handling.SetResult(exchange);
            while (!exchange.Aborted.IsCancellationRequested)
            {
                stream.Write(new byte[1000]);
                await stream.FlushAsync();
            }
        }, static o => o.WriteTimeout = TimeSpan.FromSeconds(10));
        var connection = server.Connect(unreadLimit: 4000);
        await connection.SendAsync(Get);
        var exchange = await _handling.Task;

        server.Time.Advance(TimeSpan.FromSeconds(9));
        connection.Client.ReceiveAvailable();
        server.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(exchange.Aborted.IsCancellationRequested);
        server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(exchange.Aborted.IsCancellationRequested);
        await connection.Served;
        await Assert.ThrowsAnyAsync<Exception>(connection.Client.ReceiveToEndAsync);
    }

    private TestServer Waiting(Action<TransportOptions>? configure = null) => new(async exchange =>
    {
        if (_handling.Task.IsCompleted)
        {
            await TestServer.EchoAsync(exchange);
            return;
        }
        await exchange.ReadBodyAsync(100);
        _handling.SetResult(exchange);
        await _finish.Task.WaitAsync(exchange.Aborted);
        await TestServer.EchoAsync(exchange);
    }, configure);
}
