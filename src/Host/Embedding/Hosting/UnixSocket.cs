using System.Net.Sockets;

namespace StreamCore.Host.Hosting;

/// <summary>Makes way for a Unix socket: the file that a killed server left behind is removed, anything else is left alone.</summary>
internal static class UnixSocket
{
    /// <exception cref="StartupException">Somebody listens there, the file is no socket, or the folder is missing.</exception>
    public static void Prepare(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new StartupException($"server.unixSocket: there is no folder '{folder}'.");
        if (!Path.Exists(path)) return;
        if (!IsSocket(path)) throw new StartupException($"server.unixSocket: '{path}' exists and is not a socket.");
        if (SomebodyListens(path)) throw new StartupException($"server.unixSocket: another program listens on '{path}'.");
        File.Delete(path);
    }

    /// <summary>A socket cannot be opened as a file.</summary>
    private static bool IsSocket(string path)
    {
        try
        {
            File.OpenHandle(path).Dispose();
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static bool SomebodyListens(string path)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException fault)
        {
            return fault.SocketErrorCode != SocketError.ConnectionRefused;
        }
    }
}
