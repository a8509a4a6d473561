using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace StreamCore.Host.Hosting;

/// <summary>Decides which addresses to listen on: probes each, so that a busy port or a missing address family is told plainly.</summary>
internal static class Endpoints
{
    /// <summary>The endpoints that can be bound, all on one port.</summary>
    /// <exception cref="StartupException">A port is taken, or no address can be bound.</exception>
    public static IReadOnlyList<IPEndPoint> Choose(ListenOptions options, List<string> skipped)
    {
        var chosen = new List<IPEndPoint>();
        var port = options.Port;
        foreach (var address in options.Listen.Select(IPAddress.Parse))
        {
            switch (Probe(new IPEndPoint(address, port), out var bound))
            {
                case SocketError.Success:
                    port = bound;
                    chosen.Add(new IPEndPoint(address, port));
                    break;
                case SocketError.AddressAlreadyInUse:
                    throw new StartupException(string.Create(CultureInfo.InvariantCulture,
                        $"Port {port} on {address} is in use: stop the other program, or choose another port with --port."));
                case SocketError.AccessDenied:
                    throw new StartupException(string.Create(CultureInfo.InvariantCulture,
                        $"Port {port} on {address} may not be opened by this user: choose a port above 1023 with --port."));
                case var error:
                    skipped.Add($"{address} ({error})");
                    break;
            }
        }

        return chosen.Count > 0
            ? chosen
            : throw new StartupException("None of the addresses in server.listen can be bound here: " + string.Join(", ", skipped) + ".");
    }

    private static SocketError Probe(IPEndPoint endpoint, out int port)
    {
        port = 0;
        try
        {
            using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (endpoint.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = false;
            socket.Bind(endpoint);
            socket.Listen();
            port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            return SocketError.Success;
        }
        catch (SocketException fault)
        {
            return fault.SocketErrorCode;
        }
    }
}
