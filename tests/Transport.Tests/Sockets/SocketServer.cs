using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using StreamCore.Transport.Sockets;

namespace StreamCore.Transport.Tests.Sockets;

/// <summary>Listens on a real socket, TCP on a free port of the loopback unless told otherwise, and serves every client by the delegate given.</summary>
internal sealed class SocketServer : IAsyncDisposable
{
    private readonly IConnectionListener _listener;
    private readonly Task _accepting;

    private SocketServer(IConnectionListener listener, Func<ConnectionContext, Task> serve)
    {
        _listener = listener;
        _accepting = AcceptAsync(serve);
    }

    public EndPoint EndPoint => _listener.EndPoint;

    public static async Task<SocketServer> StartAsync(Func<ConnectionContext, Task> serve, EndPoint? endpoint = null) =>
        new(await new SocketTransport(MemoryPool<byte>.Shared).BindAsync(endpoint ?? new IPEndPoint(IPAddress.Loopback, 0)), serve);

    public async Task<Socket> ConnectAsync()
    {
        var tcp = EndPoint is IPEndPoint;
        var socket = new Socket(EndPoint.AddressFamily, SocketType.Stream, tcp ? ProtocolType.Tcp : ProtocolType.Unspecified);
        await socket.ConnectAsync(EndPoint);
        return socket;
    }

    public ValueTask UnbindAsync() => _listener.UnbindAsync();

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _accepting;
    }

    private async Task AcceptAsync(Func<ConnectionContext, Task> serve)
    {
        var served = new List<Task>();
        while (await _listener.AcceptAsync() is { } connection) served.Add(ServeAsync(connection, serve));
        await Task.WhenAll(served).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static async Task ServeAsync(ConnectionContext connection, Func<ConnectionContext, Task> serve)
    {
        await using (connection) await serve(connection);
    }
}
