using System.Net;
using System.Net.Sockets;

namespace StreamCore.HttpBench.Load;

/// <summary>One connection that counts what it receives, and looks at no more of it than it must.</summary>
internal sealed class RawClient(int bufferBytes) : IDisposable
{
    private static ReadOnlySpan<byte> LastChunk => "0\r\n\r\n"u8;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[bufferBytes];
    private readonly byte[] _tail = new byte[5];
    private int _answerBytes;
    private long _events;
    private long _answers;

    /// <summary>Events received: server-sent events end in an empty line, which appears nowhere else in these answers.</summary>
    public long Events => Volatile.Read(ref _events);

    /// <summary>Whole answers received.</summary>
    public long Answers => Volatile.Read(ref _answers);

    public ValueTask ConnectAsync(IPEndPoint server) => _socket.ConnectAsync(server, default);

    public async Task SendAsync(byte[] request) => await _socket.SendAsync(request);

    /// <summary>What has arrived, at least one byte of it; throws when the server has closed.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(int kept = 0)
    {
        var count = await _socket.ReceiveAsync(_buffer.AsMemory(kept));
        return count > 0 ? _buffer.AsMemory(0, kept + count) : throw new IOException("The server closed the connection.");
    }

    /// <summary>Keeps the end of what was received, to be completed by the next receive.</summary>
    public void Keep(ReadOnlyMemory<byte> rest) => rest.CopyTo(_buffer);

    /// <summary>One streamed answer, its events counted as they come.</summary>
    public async Task StreamAsync()
    {
        await SendAsync(Requests.Stream);
        Array.Clear(_tail);
        while (!CountEvents((await ReceiveAsync()).Span))
        {
        }
        Volatile.Write(ref _answers, _answers + 1);
    }

    /// <summary>One small answer. All are of one length, which the first one tells.</summary>
    public async Task AskModelsAsync()
    {
        await SendAsync(Requests.Models);
        var received = 0;
        while (_answerBytes == 0 || received < _answerBytes)
        {
            var all = await ReceiveAsync(received);
            received = all.Length;
            if (_answerBytes == 0) _answerBytes = AnswerParts.WholeLength(all.Span);
        }
        if (received > _answerBytes) throw new IOException("An answer was longer than the first.");
        Volatile.Write(ref _answers, _answers + 1);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>True at the end of the answer.</summary>
    private bool CountEvents(ReadOnlySpan<byte> bytes)
    {
        var count = bytes.Count("\n\n"u8);
        if (_tail[^1] == '\n' && bytes[0] == '\n') count++;
        Volatile.Write(ref _events, _events + count);

        if (bytes.Length >= _tail.Length)
        {
            bytes[^_tail.Length..].CopyTo(_tail);
        }
        else
        {
            _tail.AsSpan(bytes.Length).CopyTo(_tail);
            bytes.CopyTo(_tail.AsSpan(_tail.Length - bytes.Length));
        }
        return _tail.AsSpan().SequenceEqual(LastChunk);
    }
}
