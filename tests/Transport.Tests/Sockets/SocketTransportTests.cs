using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using StreamCore.Transport.Sockets;

namespace StreamCore.Transport.Tests.Sockets;

public sealed class SocketTransportTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Requests_are_answered_over_tcp_one_after_another_on_one_connection()
    {
        var http = new TestServer(TestServer.EchoAsync);
        await using var server = await SocketServer.StartAsync(http.Handler.OnConnectedAsync);
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /a HTTP/1.1\r\nHost: h\r\n\r\nPOST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"u8.ToArray());
        await client.SendAsync("GET /c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"u8.ToArray());
        var answers = await ReceiveToEndAsync(client);
        Assert.Equal(["GET /a ", "POST /b hi", "GET /c "], Bodies(answers));
    }

    [Fact]
    public async Task Requests_are_answered_over_a_unix_socket()
    {
        var path = Path.Combine(Path.GetTempPath(), "streamcore-" + Guid.NewGuid().ToString("N")[..8]);
        var http = new TestServer(TestServer.EchoAsync);
        await using var server = await SocketServer.StartAsync(http.Handler.OnConnectedAsync, new UnixDomainSocketEndPoint(path));
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /u HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"u8.ToArray());
        Assert.Equal(["GET /u "], Bodies(await ReceiveToEndAsync(client)));
    }

    [Fact]
    public async Task A_body_of_megabytes_arrives_and_is_answered_whole()
    {
        var body = new byte[5_000_000];
        new Random(1).NextBytes(body);
        var http = new TestServer(static async exchange =>
        {
            var content = await exchange.ReadBodyAsync(8_000_000);
            await exchange.RespondAsync(200, "application/octet-stream", content.Bytes);
        });
        await using var server = await SocketServer.StartAsync(http.Handler.OnConnectedAsync);
        using var client = await server.ConnectAsync();
        var receiving = ReceiveToEndAsync(client);
        await client.SendAsync(Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n"));
        await client.SendAsync(body);
        var answer = await receiving;
        Assert.True(answer.AsSpan(answer.AsSpan().IndexOf("\r\n\r\n"u8) + 4).SequenceEqual(body));
    }

    [Fact]
    public async Task What_is_sent_to_a_client_is_not_held_back_and_its_addresses_are_known()
    {
        var seen = new TaskCompletionSource<(bool NoDelay, EndPoint?, EndPoint?)>();
        await using var server = await SocketServer.StartAsync(connection =>
        {
            seen.SetResult((((SocketConnection)connection).Socket.NoDelay, connection.LocalEndPoint, connection.RemoteEndPoint));
            return Task.CompletedTask;
        });
        using var client = await server.ConnectAsync();
        Assert.Equal((true, client.RemoteEndPoint, client.LocalEndPoint), await seen.Task.WaitAsync(Limit));
        Assert.Empty(await ReceiveToEndAsync(client));
    }

    [Fact]
    public async Task What_was_written_before_the_end_is_sent_although_the_client_reads_late()
    {
        var sent = new byte[3_000_000];
        new Random(2).NextBytes(sent);
        await using var server = await SocketServer.StartAsync(async connection => await connection.Transport.Output.WriteAsync(sent));
        using var client = await server.ConnectAsync();
        Assert.True((await ReceiveToEndAsync(client)).AsSpan().SequenceEqual(sent));
    }

    [Fact]
    public async Task A_writer_waits_for_a_client_that_does_not_read_and_is_freed_when_it_leaves()
    {
        var waits = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        await using var server = await SocketServer.StartAsync(async connection =>
        {
            var piece = new byte[1024 * 1024];
            while (true)
            {
                var flush = connection.Transport.Output.WriteAsync(piece);
                if (!flush.IsCompleted) waits.TrySetResult();
                if ((await flush).IsCompleted) break;
            }
            ended.SetResult();
        });
        using var client = await server.ConnectAsync();
        await waits.Task.WaitAsync(Limit);
        client.LingerState = new(true, 0); // a reset
        client.Dispose();
        await ended.Task.WaitAsync(Limit);
    }

    [Fact]
    public async Task A_client_that_closes_its_side_ends_the_input_and_may_still_be_answered()
    {
        await using var server = await SocketServer.StartAsync(static async connection =>
        {
            while (await connection.Transport.Input.ReadAsync() is var read)
            {
                connection.Transport.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) break;
            }
            await connection.Transport.Output.WriteAsync("late"u8.ToArray());
        });
        using var client = await server.ConnectAsync();
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("late", Encoding.ASCII.GetString(await ReceiveToEndAsync(client)));
    }

    [Fact]
    public async Task A_reset_is_told_to_who_reads_and_to_who_only_waits()
    {
        var closed = new TaskCompletionSource();
        var read = new TaskCompletionSource<Exception?>();
        await using var server = await SocketServer.StartAsync(async connection =>
        {
            connection.ConnectionClosed.Register(closed.SetResult);
            read.SetResult(await Record.ExceptionAsync(async () => await connection.Transport.Input.ReadAsync()));
            await closed.Task;
        });
        using var client = await server.ConnectAsync();
        client.LingerState = new(true, 0);
        client.Dispose();
        Assert.IsType<ConnectionResetException>(await read.Task.WaitAsync(Limit));
        await closed.Task.WaitAsync(Limit);
    }

    [Fact]
    public async Task An_aborted_connection_ends_both_ways()
    {
        var input = new TaskCompletionSource();
        await using var server = await SocketServer.StartAsync(async connection =>
        {
            connection.Abort();
            await Record.ExceptionAsync(async () => await connection.Transport.Input.ReadAsync());
            input.SetResult();
        });
        using var client = await server.ConnectAsync();
        await input.Task.WaitAsync(Limit);
        Assert.Empty(await ReceiveToEndAsync(client));
    }

    [Fact]
    public async Task An_address_in_use_is_told_as_such()
    {
        await using var server = await SocketServer.StartAsync(static _ => Task.CompletedTask);
        await Assert.ThrowsAsync<AddressInUseException>(() => SocketServer.StartAsync(static _ => Task.CompletedTask, server.EndPoint));
    }

    private static async Task<byte[]> ReceiveToEndAsync(Socket client)
    {
        var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await client.ReceiveAsync(buffer).WaitAsync(Limit) is > 0 and var count) all.Write(buffer, 0, count);
        return all.ToArray();
    }

    private static IEnumerable<string> Bodies(byte[] answers) =>
        Encoding.ASCII.GetString(answers).Split("HTTP/1.1 200 OK").Skip(1).Select(answer => answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
}
