using System.IO.Pipelines;
using System.Text;

namespace StreamCore.TestKit;

/// <summary>
/// Both ends of a connection without a network. The test is the client: it sends bytes and expects bytes. Continuations
/// run inline, so when a send returns, the server has done all it could with it. Text is Latin-1, one byte a character.
/// </summary>
public sealed class InMemoryConnection
{
    /// <summary>Only a test that would hang ever waits this long.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(20);

    private readonly Pipe _toServer;
    private readonly Pipe _toClient;

    /// <param name="unreadLimit">Bytes the client may leave unread before the server's flushes wait.</param>
    /// <param name="scheduler">Where continuations run; inline unless a test is about threads.</param>
    public InMemoryConnection(int unreadLimit = 1024 * 1024, PipeScheduler? scheduler = null)
    {
        var where = scheduler ?? PipeScheduler.Inline;
        _toServer = new(new(readerScheduler: where, writerScheduler: where, pauseWriterThreshold: 0, useSynchronizationContext: false));
        _toClient = new(new(readerScheduler: where, writerScheduler: where, pauseWriterThreshold: unreadLimit,
            resumeWriterThreshold: Math.Max(1, unreadLimit / 2), useSynchronizationContext: false));
        Server = new Side(_toServer.Reader, _toClient.Writer);
    }

    /// <summary>What the server is given.</summary>
    public IDuplexPipe Server { get; }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _toServer.Writer.WriteAsync(bytes).AsTask().WaitAsync(Hang);

    /// <summary>The client has no more to send, or has left: HTTP does not tell the two apart.</summary>
    public void CloseSending() => _toServer.Writer.Complete();

    /// <summary>The connection breaks, as by a reset.</summary>
    public void Break()
    {
        _toServer.Writer.Complete(new IOException("Connection reset."));
        _toClient.Reader.Complete();
    }

    /// <summary>What has arrived and not been received yet, without waiting.</summary>
    public string ReceiveAvailable()
    {
        if (!_toClient.Reader.TryRead(out var read)) return "";
        var text = Encoding.Latin1.GetString(read.Buffer);
        _toClient.Reader.AdvanceTo(read.Buffer.End);
        return text;
    }

    /// <summary>Everything up to and including the mark; what follows stays.</summary>
    public Task<string> ReceiveThroughAsync(string mark) => ReceiveAsync(text =>
    {
        var at = text.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? -1 : at + mark.Length;
    });

    public Task<string> ReceiveAsync(int count) => count == 0 ? Task.FromResult("") : ReceiveAsync(text => text.Length < count ? -1 : count);

    /// <summary>Everything until the server closes; throws if it cuts the connection off instead.</summary>
    public async Task<string> ReceiveToEndAsync()
    {
        var text = new StringBuilder();
        while (true)
        {
            var read = await ReadAsync();
            text.Append(Encoding.Latin1.GetString(read.Buffer));
            _toClient.Reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return text.ToString();
        }
    }

    private async Task<string> ReceiveAsync(Func<string, int> find)
    {
        while (true)
        {
            var read = await ReadAsync();
            var text = Encoding.Latin1.GetString(read.Buffer);
            var length = find(text);
            _toClient.Reader.AdvanceTo(length < 0 ? read.Buffer.Start : read.Buffer.GetPosition(length), length < 0 ? read.Buffer.End : read.Buffer.GetPosition(length));
            if (length >= 0) return text[..length];
            if (read.IsCompleted) throw new IOException("The server closed the connection after: " + text);
        }
    }

    private Task<ReadResult> ReadAsync() => _toClient.Reader.ReadAsync().AsTask().WaitAsync(Hang);

    private sealed record Side(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
