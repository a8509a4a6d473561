using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace StreamCore.StackFlowSimulator.Running;

/// <summary>The device's port: each connection is handed on as a pipe and a way to cut it.</summary>
internal sealed class Listener : IDisposable
{
    private readonly Socket _socket;
    private readonly Action<IDuplexPipe, Action> _accept;

    public Listener(IPEndPoint endPoint, Action<IDuplexPipe, Action> accept)
    {
        _accept = accept;
        _socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _socket.Bind(endPoint);
        _socket.Listen();
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _ = AcceptAsync();
    }

    public IPEndPoint EndPoint { get; }

    public void Dispose() => _socket.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _socket.AcceptAsync().ConfigureAwait(false);
                client.NoDelay = true;
                var stream = new NetworkStream(client, ownsSocket: true);
                _accept(new Side(PipeReader.Create(stream), PipeWriter.Create(stream)), stream.Dispose);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The port was closed.
        }
    }

    private sealed record Side(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
