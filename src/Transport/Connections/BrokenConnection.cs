using System.Net.Sockets;

namespace StreamCore.Transport.Connections;

/// <summary>Which exceptions of a pipe only say that the connection is gone: resets, aborts, TLS streams closed under us.</summary>
internal static class BrokenConnection
{
    public static bool IsMeantBy(Exception e) => e is IOException or OperationCanceledException or SocketException or ObjectDisposedException;
}
