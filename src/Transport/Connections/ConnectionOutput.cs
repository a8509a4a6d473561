using System.Buffers;
using System.IO.Pipelines;
using StreamCore.Transport.Timing;

namespace StreamCore.Transport.Connections;

/// <summary>The writing side of a connection: one writer at a time, each flush under a deadline.</summary>
internal sealed class ConnectionOutput : IDisposable
{
    /// <summary>A large body goes out in pieces of this size, so that the deadline is about progress and not about the whole.</summary>
    private const int PieceBytes = 64 * 1024;

    private readonly PipeWriter _writer;
    private readonly Deadline _deadline;
    private readonly TimeSpan _timeout;
    private readonly Action _gone;
    private volatile bool _stopped;

    /// <summary>
    /// Writes to a pipe; <paramref name="gone"/> is called when a flush finds that the client no longer reads,
    /// <paramref name="late"/> when a flush takes too long.
    /// </summary>
    public ConnectionOutput(PipeWriter writer, TimeSpan timeout, TimeProvider time, Action gone, Action late)
    {
        _writer = writer;
        _timeout = timeout;
        _gone = gone;
        _deadline = new Deadline(time, late);
    }

    /// <summary>Room for bytes of the next flush.</summary>
    public Span<byte> GetSpan(int size) => _writer.GetSpan(size);

    public void Advance(int count) => _writer.Advance(count);

    /// <summary>Copies bytes for the next flush; drops them when there will be none.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (!_stopped) _writer.Write(bytes);
    }

    /// <summary>Sends what was written. False when the client is gone; then nothing need be written any more.</summary>
    public ValueTask<bool> FlushAsync()
    {
        if (_stopped) return new(false);
        var flush = _writer.FlushAsync();
        return flush.IsCompletedSuccessfully ? new(Settle(flush.Result)) : FinishFlushAsync(flush);
    }

    /// <summary>Writes a body and flushes it, together with what was written before.</summary>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > PieceBytes)
        {
            Write(bytes.Span[..PieceBytes]);
            if (!await FlushAsync()) return false;
            bytes = bytes[PieceBytes..];
        }
        Write(bytes.Span);
        return await FlushAsync();
    }

    /// <summary>Ends all writing, now and later.</summary>
    public void Stop()
    {
        _stopped = true;
        _writer.CancelPendingFlush();
    }

    public ValueTask CompleteAsync(Exception? error) => _writer.CompleteAsync(error);

    public void Dispose() => _deadline.Dispose();

    private async ValueTask<bool> FinishFlushAsync(ValueTask<FlushResult> flush)
    {
        _deadline.Start(_timeout);
        try
        {
            return Settle(await flush);
        }
        catch (Exception e) when (BrokenConnection.IsMeantBy(e))
        {
            return Settle(new FlushResult(isCanceled: false, isCompleted: true));
        }
        finally
        {
            _deadline.Stop();
        }
    }

    private bool Settle(FlushResult result)
    {
        if (!result.IsCompleted && !_stopped) return true;
        if (!_stopped) _gone();
        _stopped = true;
        return false;
    }
}
