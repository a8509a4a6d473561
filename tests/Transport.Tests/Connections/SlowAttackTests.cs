using System.Buffers;
using System.Net;
using StreamCore.Transport.Exchange;

namespace StreamCore.Transport.Tests.Connections;

/// <summary>Clients that hold connections by doing next to nothing: others are served meanwhile, and each attacker is dropped in its time.</summary>
public sealed class SlowAttackTests
{
    private const int Attackers = 200;
    private const string Get = "GET /good HTTP/1.1\r\nHost: h\r\n\r\n";

    private readonly TestServer _server;
    private int _cancelled;

    public SlowAttackTests() => _server = new(AnswerAsync, static o =>
    {
        o.HeadTimeout = TimeSpan.FromSeconds(10);
        o.BodyStallTimeout = o.BodyRateGrace = TimeSpan.FromSeconds(20);
        o.WriteTimeout = TimeSpan.FromSeconds(30);
        o.LingerTimeout = TimeSpan.FromSeconds(5);
    });

    [Fact]
    public async Task Hundreds_of_slow_clients_of_every_kind_are_dropped_while_all_others_are_served()
    {
        var silent = await AttackAsync("");
        var slowHeads = await AttackAsync("POST /slow HTTP/1.1\r\nHost: h\r\nX: ");
        var slowBodies = await AttackAsync("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n{\"model\":");
        var slowChunks = await AttackAsync("POST /slow HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
        var slowReaders = await AttackAsync("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n", unreadLimit: 1000);
        Assert.Equal(5 * Attackers, _server.Handler.ConnectionCount);
        Assert.Equal(3 * Attackers, _server.Handler.RequestCount);
        await ServeOthersAsync();

        _server.Time.Advance(TimeSpan.FromSeconds(10));
        await AssertAllAsync(silent, "");
        await AssertAllAsync(slowHeads, "HTTP/1.1 408 ");
        await ServeOthersAsync();
        _server.Time.Advance(TimeSpan.FromSeconds(10));
        await AssertAllAsync(slowBodies, "HTTP/1.1 408 ");
        await AssertAllAsync(slowChunks, "HTTP/1.1 408 ");
        await ServeOthersAsync();
        Assert.Equal((Attackers, 0), (_server.Handler.RequestCount, _cancelled));
        _server.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((0, Attackers), (_server.Handler.RequestCount, _cancelled));
        foreach (var reader in slowReaders) await reader.Served;

        Assert.Equal((0, 0, 0), (_server.Handler.ConnectionCount, _server.Handler.RequestCount, _server.Time.ActiveTimerCount));
        Assert.Empty(_server.Log.Errors);
        await ServeOthersAsync();
    }

    [Fact]
    public async Task Attackers_of_one_address_do_not_take_the_places_of_others()
    {
        var server = new TestServer(AnswerAsync, static o => (o.MaxConnections, o.MaxConnectionsPerAddress) = (Attackers, Attackers / 2));
        var attacker = new PeerInfo(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 1), null, IsTls: false);
        for (var i = 0; i < Attackers; i++) await server.Connect(peer: attacker).SendAsync("GET ");
        Assert.Equal(Attackers / 2, server.Handler.ConnectionCount);
        Assert.StartsWith("HTTP/1.1 200 ", await server.Connect().SendAllAsync(Get));
    }

    /// <summary>Streams until nobody waits for it, as a generation does; all else is echoed.</summary>
    private async ValueTask AnswerAsync(HttpExchange exchange)
    {
        if (exchange.Request.Path != "/stream")
        {
            await TestServer.EchoAsync(exchange);
            return;
        }
        await using var cancelling = exchange.Aborted.Register(() => Interlocked.Increment(ref _cancelled));
        var sse = exchange.StartSse();
        do
        {
            sse.BeginEvent();
            sse.Write("{\"choices\":[{\"delta\":{\"content\":\" token\"}}]}"u8);
            sse.EndEvent();
        }
        while (await sse.FlushAsync());
    }

    private static async Task AssertAllAsync(List<ServedConnection> connections, string answer)
    {
        foreach (var connection in connections)
        {
            var received = connection.Client.ReceiveAvailable();
            Assert.StartsWith(answer, received);
            Assert.Equal(answer.Length == 0, received.Length == 0);
            // One that never leaves is left alone, in its time.
            if (answer.Length > 0) Assert.False(connection.Served.IsCompleted);
            else await connection.Served;
        }
    }

    private async Task<List<ServedConnection>> AttackAsync(string sent, int unreadLimit = 1024 * 1024)
    {
        var attackers = new List<ServedConnection>();
        for (var i = 0; i < Attackers; i++)
        {
            attackers.Add(_server.Connect(unreadLimit));
            await attackers[^1].SendAsync(sent);
        }
        return attackers;
    }

    private async Task ServeOthersAsync()
    {
        for (var i = 0; i < 50; i++)
            Assert.EndsWith($"POST /{i} ab", await _server.Connect().SendAllAsync($"POST /{i} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab"));
    }
}
