using System.IO.Pipelines;
using StreamCore.Transport.Timing;

namespace StreamCore.Transport.Connections;

/// <summary>
/// The reading side of a connection. While a request is being answered nobody wants its bytes, yet a read must be pending
/// to see the client leave: <see cref="Watch"/> keeps one, and the next <see cref="ReadAsync"/> takes it over, so that
/// nothing is lost and at most one read is ever outstanding.
/// </summary>
internal sealed class ConnectionInput : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PipeReader _reader;
    private readonly Deadline _deadline;
    private readonly Action _gone;
    private readonly PipelineLimit _limit;
    private Task<ReadResult>? _watch;
    private bool _watching;
    private bool _hasUnseenBytes;
    private bool _missedWake;
    private bool _holding;
    private volatile bool _stopped;
    private volatile bool _timedOut;

    /// <summary>Reads from a pipe; <paramref name="gone"/> is called when the watch sees the client leave.</summary>
    public ConnectionInput(PipeReader reader, PipelineLimit limit, TimeProvider time, Action gone)
    {
        _reader = reader;
        _limit = limit;
        _gone = gone;
        _deadline = new Deadline(time, OnTimeout);
    }

    /// <summary>
    /// The bytes not yet consumed, and more if all of them were examined before. A read may return early with nothing new:
    /// callers look at their flags and read again.
    /// </summary>
    public async ValueTask<InputRead> ReadAsync(TimeSpan timeout)
    {
        if (_stopped) return new(default, Ended: true, TimedOut: false);
        _timedOut = false;
        try
        {
            var read = TakeRead();
            if (!read.IsCompleted) _deadline.Start(timeout);
            var result = await read;
            _holding = true;
            return new(result.Buffer, result.IsCompleted || _stopped, result.IsCanceled && _timedOut);
        }
        catch (Exception e) when (BrokenConnection.IsMeantBy(e))
        {
            return new(default, Ended: true, TimedOut: false);
        }
        finally
        {
            _deadline.Stop();
        }
    }

    /// <summary>Gives back what the last read returned; nothing if it returned no buffer.</summary>
    public void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_holding) return;
        _holding = false;
        _reader.AdvanceTo(consumed, examined);
    }

    /// <summary>Keeps a read pending until the next <see cref="ReadAsync"/>. It stops reading ahead when enough is buffered.</summary>
    public void Watch()
    {
        if (_stopped) return;
        _watching = true;
        _hasUnseenBytes = _missedWake = false;
        _watch = WatchAsync();
    }

    /// <summary>Whether bytes have come that nobody has read. Not while a read is pending but the watch's.</summary>
    public bool HasUnread()
    {
        lock (_gate)
        {
            if (_watch is not null) return _watch.IsCompletedSuccessfully ? !_watch.Result.Buffer.IsEmpty : _hasUnseenBytes;
        }
        try
        {
            if (_stopped || !_reader.TryRead(out var read)) return false;
            _reader.AdvanceTo(read.Buffer.Start);
            return !read.Buffer.IsEmpty;
        }
        catch (Exception e) when (BrokenConnection.IsMeantBy(e))
        {
            return false;
        }
    }

    /// <summary>Makes the pending read, or the next, return early.</summary>
    public void Wake() => _reader.CancelPendingRead();

    /// <summary>Ends all reading, now and later.</summary>
    public void Stop()
    {
        _stopped = true;
        Wake();
    }

    /// <summary>Settles the outstanding read and completes the pipe.</summary>
    public async ValueTask CompleteAsync()
    {
        Stop();
        try
        {
            if (_watch is not null) await TakeRead();
        }
        catch (Exception e) when (BrokenConnection.IsMeantBy(e))
        {
            // It is being completed anyway.
        }
        await _reader.CompleteAsync();
    }

    public void Dispose() => _deadline.Dispose();

    private ValueTask<ReadResult> TakeRead()
    {
        lock (_gate)
        {
            _watching = false;
            if (_watch is not { } watch) return StartRead();
            _watch = null;
            // The watch has told the pipe that it examined these bytes, so only a cancelled read brings them again. A wake
            // that it took was meant for whoever reads next.
            if ((_hasUnseenBytes || _missedWake) && !watch.IsCompleted) _reader.CancelPendingRead();
            return new(watch);
        }
    }

    /// <summary>A pipe whose bytes were examined once does not complete a read for them again, but it still hands them out to a try.</summary>
    private ValueTask<ReadResult> StartRead() => _reader.TryRead(out var result) ? new(result) : _reader.ReadAsync();

    /// <summary>Reads until somebody wants the bytes, and returns them to whoever that is.</summary>
    private async Task<ReadResult> WatchAsync()
    {
        var read = StartRead();
        while (true)
        {
            ReadResult result;
            try
            {
                result = await read;
            }
            catch (Exception e) when (BrokenConnection.IsMeantBy(e))
            {
                _gone();
                throw;
            }

            lock (_gate)
            {
                if (!_watching || _stopped) return result;
                if (!result.IsCompleted)
                {
                    if (_limit.IsReached(result.Buffer)) return result;
                    _hasUnseenBytes = !result.Buffer.IsEmpty;
                    _missedWake |= result.IsCanceled;
                    _reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                    read = _reader.ReadAsync();
                    continue;
                }
            }
            _gone();
            return result;
        }
    }

    private void OnTimeout()
    {
        _timedOut = true;
        Wake();
    }
}
