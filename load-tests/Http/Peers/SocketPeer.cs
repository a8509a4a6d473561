using System.Net;
using System.Net.Sockets;

namespace StreamCore.HttpBench.Peers;

/// <summary>Prepared bytes and a socket, one send for each flush of the others; nothing is parsed. The floor.</summary>
internal static class SocketPeer
{
    public static Task<int> StartAsync(TokenSource source, PreparedAnswer answer)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(512);
        _ = AcceptAsync(listener, source, answer);
        return Task.FromResult(((IPEndPoint)listener.LocalEndPoint!).Port);
    }

    private static async Task AcceptAsync(Socket listener, TokenSource source, PreparedAnswer answer)
    {
        while (true) _ = ServeAsync(await listener.AcceptAsync(), source, answer);
    }

    private static async Task ServeAsync(Socket socket, TokenSource source, PreparedAnswer answer)
    {
        using var _ = socket;
        socket.NoDelay = true;
        var request = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(request) > 0)
            {
                if (request[0] == 'G') await socket.SendAsync(answer.Models);
                else await StreamAsync(socket, source, answer);
            }
        }
        catch (SocketException)
        {
            // The client has left.
        }
    }

    private static async Task StreamAsync(Socket socket, TokenSource source, PreparedAnswer answer)
    {
        await socket.SendAsync(answer.Start);
        using var tokens = source.Open();
        byte[]? paced = null;
        var burst = 0;
        while (await tokens.WaitAsync())
        {
            var sent = false;
            while (tokens.TryTake(out var token))
            {
                if (token.Due == 0) continue;
                answer.Patch(paced ??= [.. answer.Paced], token);
                await socket.SendAsync(paced);
                sent = true;
            }

            if (!sent) await socket.SendAsync(answer.Bursts[burst++]);
        }

        await socket.SendAsync(answer.End);
    }
}
