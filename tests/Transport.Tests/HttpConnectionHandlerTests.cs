using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using StreamCore.TestKit;
using StreamCore.Transport.Exchange;

namespace StreamCore.Transport.Tests;

public sealed class HttpConnectionHandlerTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    private readonly InMemoryConnection _client = new();

    [Fact]
    public async Task A_connection_of_Kestrels_tells_who_its_client_is()
    {
        var peer = default(PeerInfo);
        var server = new TestServer(exchange =>
        {
            peer = exchange.Peer;
            return exchange.RespondAsync(200, null, default);
        });
        var connection = Connect();
        await _client.SendAsync(Get);
        await server.Handler.OnConnectedAsync(connection);
        Assert.Equal(new PeerInfo(connection.RemoteEndPoint, connection.LocalEndPoint, IsTls: false), peer);
        Assert.StartsWith("HTTP/1.1 200 OK", await _client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task A_connection_that_is_reported_closed_aborts_what_it_waits_for()
    {
        var handling = new TaskCompletionSource();
        var server = new TestServer(async exchange =>
        {
            handling.SetResult();
            await Task.Delay(Timeout.Infinite, exchange.Aborted);
        });
        var connection = Connect();
        await _client.SendAsync(Get);
        var served = server.Handler.OnConnectedAsync(connection);
        await handling.Task;
        connection.Abort();
        await served.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_client_that_never_takes_the_last_bytes_is_cut_off()
    {
        var server = new TestServer(TestServer.EchoAsync, static o => o.WriteTimeout = TimeSpan.FromSeconds(10));
        var connection = Connect();
        var closed = new TaskCompletionSource();
        connection.ConnectionClosed.Register(closed.SetResult);
        await _client.SendAsync(Get);
        await server.Handler.OnConnectedAsync(connection);

        server.Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(1, server.Time.ActiveTimerCount);
        server.Time.Advance(TimeSpan.FromSeconds(0.2));
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private DefaultConnectionContext Connect() => new("id", _client.Server, new DuplexPipe(PipeReader.Create(Stream.Null), PipeWriter.Create(Stream.Null)))
    {
        RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 1),
        LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 2),
    };

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
