using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using StreamCore.Transport.Connections;

namespace StreamCore.Transport.InMemory;

/// <summary>
/// The client's end of a connection that never leaves the process: the bytes of a socket, carried by two pipes. Closing it is
/// the client leaving. One reader and one writer at a time, as on a socket, and it may be closed under both.
/// </summary>
internal sealed class InMemoryStream : Stream
{
    /// <summary>A long write goes in pieces, so that no more than this lies in the pipe beyond its limit.</summary>
    private const int PieceBytes = 64 * 1024;

    /// <summary>
    /// What may be written to a server that has stopped reading, and is lost: about what a socket's buffers swallow. Without
    /// it a client could fail in sending and never see the answer that tells why.
    /// </summary>
    private const int MaxLostBytes = 64 * 1024;

    private const string CutOff = "The server cut the connection off.";

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _left = new();
    private readonly PipeReader _fromServer;
    private readonly PipeWriter _toServer;
    private long _lostBytes;
    private bool _closed;
    private bool _broken;

    public InMemoryStream()
    {
        var toServer = new Pipe(new(useSynchronizationContext: false));
        var toClient = new Pipe(new(useSynchronizationContext: false));
        _toServer = toServer.Writer;
        _fromServer = toClient.Reader;
        Server = new PipePair(toServer.Reader, toClient.Writer);
    }

    /// <summary>What the server is given.</summary>
    public IDuplexPipe Server { get; }

    /// <summary>Fires when the client has closed its end: a server that has read far enough ahead no longer sees it in the pipe.</summary>
    public CancellationToken ClientLeft => _left.Token;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The server cuts the connection off: reads and writes fail from now on.</summary>
    public void Break()
    {
        lock (_gate)
        {
            if (_closed) return;
            _broken = true;
            _toServer.CancelPendingFlush();
            _fromServer.CancelPendingRead();
        }
    }

    /// <summary>A read into no bytes waits for the first, as on a socket.</summary>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            ReadResult result;
            try
            {
                result = await StartRead(cancellationToken);
            }
            catch (ConnectionAbortedException e)
            {
                // It is a cancellation by its type, which would look like the caller's own.
                lock (_gate) ThrowIfEnded();
                throw new IOException(CutOff, e);
            }

            lock (_gate)
            {
                ThrowIfEnded();
                var bytes = result.Buffer.Length > buffer.Length ? result.Buffer.Slice(0, buffer.Length) : result.Buffer;
                var count = (int)bytes.Length;
                bytes.CopyTo(buffer.Span);
                _fromServer.AdvanceTo(bytes.End);
                if (count > 0 || result.IsCompleted || (buffer.IsEmpty && !result.IsCanceled)) return count;
            }
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var piece = buffer[..Math.Min(buffer.Length, PieceBytes)];
            buffer = buffer[piece.Length..];
            var result = await StartWrite(piece, cancellationToken);
            lock (_gate) ThrowIfEnded();
            if (!result.IsCompleted) continue;
            _lostBytes += piece.Length;
            if (_lostBytes > MaxLostBytes) throw new IOException("The server has stopped reading.");
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Blocks, for clients that call synchronously; the server's side never waits for their thread.</summary>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, default).GetAwaiter().GetResult();

    /// <inheritdoc cref="Read(byte[], int, int)"/>
    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer, offset, count, default).GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
            _toServer.CancelPendingFlush();
            _toServer.Complete();
            _fromServer.CancelPendingRead();
            _fromServer.Complete();
        }
        // On the pool: what the server does about it is not the client's to run.
        _ = _left.CancelAsync();
        base.Dispose(disposing);
    }

    private ValueTask<ReadResult> StartRead(CancellationToken cancellation)
    {
        lock (_gate)
        {
            ThrowIfEnded();
            return _fromServer.ReadAsync(cancellation);
        }
    }

    private ValueTask<FlushResult> StartWrite(ReadOnlyMemory<byte> piece, CancellationToken cancellation)
    {
        lock (_gate)
        {
            ThrowIfEnded();
            return _toServer.WriteAsync(piece, cancellation);
        }
    }

    private void ThrowIfEnded()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_broken) throw new IOException(CutOff);
    }
}
