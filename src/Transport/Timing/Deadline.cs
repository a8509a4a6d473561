namespace StreamCore.Transport.Timing;

/// <summary>
/// One moment after which something is given up. Starting and stopping only note the moment; the timer behind it is moved
/// when it would wake too late, so a deadline set for every read costs no timer operation in the common case.
/// </summary>
internal sealed class Deadline(TimeProvider time, Action expired) : IDisposable
{
    private const long Never = long.MaxValue;

    private readonly Lock _gate = new();
    private ITimer? _timer;
    private long _due = Never;
    private long _wake = Never;
    private bool _disposed;

    /// <summary>Sets the deadline, in place of any set before.</summary>
    public void Start(TimeSpan after)
    {
        lock (_gate)
        {
            if (_disposed) return;
            _due = time.GetTimestamp() + (long)(Math.Max(0, after.TotalSeconds) * time.TimestampFrequency);
            if (_due < _wake) WakeAtDue();
        }
    }

    public void Stop()
    {
        lock (_gate) _due = Never;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _due = Never;
            _timer?.Dispose();
        }
    }

    private void WakeAtDue()
    {
        _wake = _due;
        var milliseconds = Math.Ceiling((_due - time.GetTimestamp()) * 1000.0 / time.TimestampFrequency);
        var after = TimeSpan.FromMilliseconds(Math.Max(0, milliseconds));
        if (_timer is null) _timer = time.CreateTimer(static state => ((Deadline)state!).Wake(), this, after, Timeout.InfiniteTimeSpan);
        else _timer.Change(after, Timeout.InfiniteTimeSpan);
    }

    private void Wake()
    {
        lock (_gate)
        {
            _wake = Never;
            if (_due == Never) return;
            if (time.GetTimestamp() < _due)
            {
                WakeAtDue();
                return;
            }
            _due = Never;
        }
        expired();
    }
}
