namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>
/// Keeps tries at something that fails apart, ever further. Its owner guards it.
/// <code>
/// Closed --failure--> BackingOff --time--> HalfOpen --success--> Closed
///                     (Open after several)     +-----failure--> BackingOff, twice as long
/// </code>
/// </summary>
internal sealed class Breaker(TimeProvider time, TimeSpan first, TimeSpan most, int failuresUntilOpen)
{
    private int _failures;

    public BreakerState State => (_failures, Wait) switch
    {
        (0, _) => BreakerState.Closed,
        (_, { Ticks: 0 }) => BreakerState.HalfOpen,
        _ when _failures < failuresUntilOpen => BreakerState.BackingOff,
        _ => BreakerState.Open,
    };

    /// <summary>When it may be tried again.</summary>
    public DateTimeOffset Until { get; private set; }

    /// <summary>Time until the next try; 0 when it may be now.</summary>
    public TimeSpan Wait
    {
        get
        {
            var wait = Until - time.GetUtcNow();
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }

    public void Succeeded() => (_failures, Until) = (0, default);

    /// <summary>True when that many in a row make it open.</summary>
    public bool Failed()
    {
        const int MaxDoublings = 30; // further ones would overflow
        var wait = first * Math.Pow(2, Math.Min(_failures, MaxDoublings));
        _failures++;
        Until = time.GetUtcNow() + (wait < most ? wait : most);
        return _failures == failuresUntilOpen;
    }

    /// <summary>Failed in a way that does not pass by itself: the longest wait at once.</summary>
    public void Trip() => (_failures, Until) = (Math.Max(_failures + 1, failuresUntilOpen), time.GetUtcNow() + most);
}

/// <summary>Whether something may be tried.</summary>
internal enum BreakerState
{
    /// <summary>It works.</summary>
    Closed = 0,

    /// <summary>It failed, and is tried again after a wait.</summary>
    BackingOff,

    /// <summary>It failed several times, and counts as out of order.</summary>
    Open,

    /// <summary>One try shows whether it works again.</summary>
    HalfOpen,
}
