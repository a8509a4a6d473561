using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace StreamCore.Transport.Sockets;

/// <summary>
/// Gives Kestrel's server its connections, in place of Kestrel's own socket transport, which hands every receive and every send to
/// another thread. What is above it, TLS among others, is the same.
/// </summary>
/// <param name="memory">For what lies between socket and connection. The shared pool of arrays keeps too few of them for streams that all get a token at once.</param>
public sealed class SocketTransport(MemoryPool<byte> memory) : IConnectionListenerFactory
{
    /// <summary>Clients that may wait to be accepted. 512 is Kestrel's default; the kernel may allow fewer.</summary>
    private const int Backlog = 512;

    private readonly SocketPipes _pipes = new(memory);

    /// <exception cref="AddressInUseException">Another program listens there.</exception>
    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket? socket = null;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.Listen(Backlog);
        }
        catch (SocketException fault)
        {
            socket?.Dispose();
            if (fault.SocketErrorCode == SocketError.AddressAlreadyInUse) throw new AddressInUseException(fault.Message, fault);
            throw;
        }
        return new(new SocketListener(socket, _pipes));
    }
}
