using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace StreamCore.Engines.StackFlow.Connections;

/// <summary>Connects by TCP.</summary>
internal sealed class SocketDialer(string host, int port, ILogger logger) : IDeviceDialer, IDisposable
{
    // A device that was unplugged is noticed by itself after about 25 s, also on connections that wait for nothing.
    private const int KeepAliveSeconds = 10;
    private const int KeepAliveProbeSeconds = 5;
    private const int KeepAliveProbes = 3;

    private readonly SocketConnectionContextFactory _connections = new(new(), logger);

    public string Name { get; } = $"{host}:{port}";

    public async ValueTask<IDeviceLine> ConnectAsync(CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveProbeSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
            await socket.ConnectAsync(host, port, cancellation);
            return new Line(_connections.Create(socket));
        }
        catch (SocketException fault)
        {
            socket.Dispose();
            throw new IOException(fault.Message, fault);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _connections.Dispose();

    private sealed class Line(ConnectionContext connection) : IDeviceLine
    {
        public PipeReader Input => connection.Transport.Input;

        public PipeWriter Output => connection.Transport.Output;

        public ValueTask DisposeAsync()
        {
            // Without this, disposal would wait until a device that has stopped reading takes the rest.
            connection.Abort();
            return connection.DisposeAsync();
        }
    }
}
