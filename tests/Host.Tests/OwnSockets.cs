using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace StreamCore.Host.Tests;

/// <summary>Looks at the sockets of this process from outside of whoever made them, as only Linux allows.</summary>
internal static class OwnSockets
{
    private const int IpProtocolTcp = 6;
    private const int TcpNoDelay = 1;

    /// <summary>Whether the socket of this process that is connected to the end point has TCP_NODELAY set.</summary>
    public static bool HasNoDelay(IPEndPoint peer)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            if (!int.TryParse(Path.GetFileName(path), out var descriptor) || PeerPort(descriptor) != peer.Port) continue;
            var size = sizeof(int);
            return GetSocketOption(descriptor, IpProtocolTcp, TcpNoDelay, out var value, ref size) == 0 && value != 0;
        }

        throw new SocketException((int)SocketError.NotConnected);
    }

    /// <summary>The port at the other end; -1 where there is none. In a sockaddr it is bytes 2 and 3, in IPv4 and IPv6 alike.</summary>
    private static int PeerPort(int descriptor)
    {
        var address = new byte[128];
        var size = address.Length;
        return GetPeerName(descriptor, address, ref size) == 0 && size >= 16 ? (address[2] << 8) | address[3] : -1;
    }

    [DllImport("libc", EntryPoint = "getpeername")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetPeerName(int socket, [Out] byte[] address, ref int size);

    [DllImport("libc", EntryPoint = "getsockopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetSocketOption(int socket, int level, int name, out int value, ref int size);
}
