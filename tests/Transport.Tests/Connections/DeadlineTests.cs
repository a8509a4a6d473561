using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Tests.Connections;

public sealed class DeadlineTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    private readonly TestServer _server = new(TestServer.EchoAsync, static o =>
    {
        o.HeadTimeout = TimeSpan.FromSeconds(10);
        o.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        o.BodyStallTimeout = TimeSpan.FromSeconds(20);
        o.BodyRateGrace = TimeSpan.FromSeconds(5);
        o.MinBodyBytesPerSecond = 100;
    });

    [Fact]
    public async Task A_connection_that_sends_nothing_is_closed_without_a_word()
    {
        var connection = _server.Connect();
        _server.Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(connection.Served.IsCompleted);
        _server.Time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal("", await connection.Client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task An_idle_connection_is_closed_without_a_word()
    {
        var connection = _server.Connect();
        await connection.SendAsync(Get);
        await connection.ReceiveResponseAsync();
        _server.Time.Advance(TimeSpan.FromSeconds(59));
        await connection.SendAsync(Get);
        await connection.ReceiveResponseAsync();
        _server.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(connection.Served.IsCompleted);
        _server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("", await connection.Client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task A_head_sent_slowly_is_refused_when_its_time_is_up_however_steadily_it_comes()
    {
        var connection = _server.Connect();
        _server.Time.Advance(TimeSpan.FromSeconds(9));
        foreach (var c in "GET / HTTP")
        {
            await connection.SendAsync(c.ToString());
            _server.Time.Advance(TimeSpan.FromSeconds(0.99));
            Assert.Equal("", connection.Client.ReceiveAvailable());
        }
        _server.Time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(408, (await connection.ReceiveResponseAsync()).Status);
        Assert.Equal(HttpRejection.HeadTimeout, Assert.Single(_server.Rejections).Rejection);
        connection.Client.CloseSending();
        await connection.Served;
    }

    [Fact]
    public async Task A_body_that_stalls_is_refused()
    {
        var connection = _server.Connect();
        await connection.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n" + new string('x', 4000));
        _server.Time.Advance(TimeSpan.FromSeconds(19.9));
        Assert.Equal("", connection.Client.ReceiveAvailable());
        _server.Time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(408, (await connection.ReceiveResponseAsync()).Status);
        Assert.Equal(HttpRejection.BodyTimeout, Assert.Single(_server.Rejections).Rejection);
    }

    [Fact]
    public async Task A_body_below_the_least_rate_is_refused_and_one_above_it_is_not()
    {
        var fast = _server.Connect();
        await fast.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2200\r\n\r\n");
        for (var second = 0; second < 20; second++)
        {
            await fast.SendAsync(new string('x', 110));
            _server.Time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(200, (await fast.ReceiveResponseAsync()).Status);

        var slow = _server.Connect();
        await slow.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (var second = 0; second < 10; second++)
        {
            Assert.Equal("", slow.Client.ReceiveAvailable());
            await slow.SendAsync("32\r\n" + new string('x', 50) + "\r\n");
            _server.Time.Advance(TimeSpan.FromSeconds(1));
        }
        _server.Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(408, (await slow.ReceiveResponseAsync()).Status);
    }

    [Fact]
    public async Task The_time_an_application_takes_is_not_its_clients()
    {
        var go = new TaskCompletionSource();
        var server = new TestServer(async exchange =>
        {
            await go.Task;
            await TestServer.EchoAsync(exchange);
        });
        var connection = server.Connect();
        await connection.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n");
        server.Time.Advance(TimeSpan.FromHours(1));
        go.SetResult();
        await connection.SendAsync("ab");
        Assert.Equal("POST / ab", (await connection.ReceiveResponseAsync()).Body);
    }

    [Fact]
    public async Task A_connection_that_has_ended_leaves_no_timer_behind()
    {
        var connection = _server.Connect();
        await connection.SendAsync(Get);
        Assert.Equal(1, _server.Time.ActiveTimerCount);
        connection.Client.CloseSending();
        await connection.Served;
        Assert.Equal(0, _server.Time.ActiveTimerCount);
    }
}
