using System.Net;
using StreamCore.Transport.Exchange;

namespace StreamCore.Transport.Tests.Connections;

public sealed class ConnectionLimitTests
{
    private static readonly PeerInfo One = new(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 1), null, IsTls: false);
    private static readonly PeerInfo Two = new(new IPEndPoint(IPAddress.Parse("10.0.0.2"), 1), null, IsTls: false);

    [Fact]
    public async Task Connections_beyond_the_limit_are_turned_away_until_one_ends()
    {
        var server = new TestServer(TestServer.EchoAsync, static o => o.MaxConnections = 2);
        var first = server.Connect();
        server.Connect();
        var received = await server.Connect().SendAllAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\n", received);
        Assert.Contains("TooManyConnections: ", received);

        first.Client.CloseSending();
        await first.Served;
        Assert.False(server.Connect().Served.IsCompleted);
        Assert.Equal(2, server.Handler.ConnectionCount);
    }

    [Fact]
    public async Task Each_address_has_a_limit_of_its_own()
    {
        var server = new TestServer(TestServer.EchoAsync, static o => o.MaxConnectionsPerAddress = 1);
        var first = server.Connect(peer: One);
        Assert.False(server.Connect(peer: Two).Served.IsCompleted);
        Assert.StartsWith("HTTP/1.1 429 ", await server.Connect(peer: One).SendAllAsync(""));

        first.Client.CloseSending();
        await first.Served;
        Assert.False(server.Connect(peer: One).Served.IsCompleted);
    }

    [Fact]
    public async Task A_few_that_are_turned_away_may_stay_to_read_why_but_no_longer_than_any_that_lingers()
    {
        var server = new TestServer(TestServer.EchoAsync, static o => o.MaxConnections = 1);
        server.Connect();
        var lingering = Enumerable.Range(0, 64).Select(_ => server.Connect()).ToArray();
        Assert.StartsWith("HTTP/1.1 503 ", await server.Connect().Client.ReceiveToEndAsync());
        Assert.DoesNotContain(lingering, static connection => connection.Served.IsCompleted);

        server.Time.Advance(TimeSpan.FromSeconds(5));
        foreach (var connection in lingering) Assert.StartsWith("HTTP/1.1 503 ", await connection.Client.ReceiveToEndAsync());
        Assert.False(server.Connect().Served.IsCompleted);
    }

    [Fact]
    public void Connections_without_an_address_count_only_in_all()
    {
        var server = new TestServer(TestServer.EchoAsync, static o => o.MaxConnectionsPerAddress = 1);
        for (var i = 0; i < 3; i++) Assert.False(server.Connect().Served.IsCompleted);
    }
}
