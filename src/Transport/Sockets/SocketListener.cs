using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace StreamCore.Transport.Sockets;

/// <summary>A socket that listens, TCP or Unix.</summary>
internal sealed class SocketListener(Socket socket, SocketPipes pipes) : IConnectionListener
{
    public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

    /// <summary>The next client, or null when listening has ended.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var client = await socket.AcceptAsync(cancellationToken);
                // Tokens go out when they are there: Nagle's algorithm would hold a small segment back until the one before is acknowledged.
                if (EndPoint is IPEndPoint) client.NoDelay = true;
                var connection = new SocketConnection(client, pipes);
                connection.Start();
                return connection;
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException fault) when (fault.SocketErrorCode == SocketError.OperationAborted)
            {
                return null;
            }
            catch (SocketException)
            {
                // The client has left before it was accepted.
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        socket.Dispose();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();
}
