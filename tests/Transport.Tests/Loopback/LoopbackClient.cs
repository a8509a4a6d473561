using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StreamCore.Transport.Tests.Loopback;

/// <summary>A socket to a server of this machine. Text is Latin-1, one byte a character.</summary>
internal sealed class LoopbackClient : IDisposable
{
    /// <summary>Only a test that would hang ever waits this long.</summary>
    public static readonly TimeSpan Hang = TimeSpan.FromSeconds(20);

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private string _received = "";

    private LoopbackClient(Socket socket) => _socket = socket;

    public static async Task<LoopbackClient> ConnectAsync(IPEndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server);
        return new(socket);
    }

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.Latin1.GetBytes(text)).WaitAsync(Hang);

    /// <summary>One answer with a length.</summary>
    public async Task<ReceivedResponse> ReceiveResponseAsync()
    {
        int end;
        while ((end = _received.IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0) await ReceiveMoreAsync();
        var response = new ReceivedResponse(_received[..(end + 4)], "");
        _received = _received[(end + 4)..];
        var length = int.Parse(response.Header("Content-Length")!);
        while (_received.Length < length) await ReceiveMoreAsync();
        var body = _received[..length];
        _received = _received[length..];
        return response with { Body = body };
    }

    /// <summary>What comes until the server closes, which it does by itself.</summary>
    public async Task<string> ReceiveToEndAsync()
    {
        while (true)
        {
            var count = await _socket.ReceiveAsync(_buffer);
            if (count == 0) return _received;
            _received += Encoding.Latin1.GetString(_buffer, 0, count);
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReceiveMoreAsync()
    {
        var count = await _socket.ReceiveAsync(_buffer).WaitAsync(Hang);
        if (count == 0) throw new IOException("The server closed the connection after: " + _received);
        _received += Encoding.Latin1.GetString(_buffer, 0, count);
    }
}
