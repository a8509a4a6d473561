namespace StreamCore.Scheduler;

/// <summary>
/// How fast places come free, from the last ends and the time since. Submitters ask, the step loop tells; hence the lock.
/// </summary>
internal sealed class CompletionRate(TimeProvider time)
{
    private const int WindowCount = 32; // half a round of the default 64 running: recent, and not one answer's chance

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2); // beyond, an estimate from so few ends says nothing

    private readonly Lock _lock = new();
    private readonly long[] _ends = new long[WindowCount];
    private long _count;
    private long _busySince;

    /// <summary>Work arrived at an idle scheduler: the idle time before says nothing about its speed.</summary>
    public void Start()
    {
        lock (_lock)
        {
            _count = 0;
            _busySince = time.GetTimestamp();
        }
    }

    public void Ended()
    {
        lock (_lock) _ends[_count++ % WindowCount] = time.GetTimestamp();
    }

    /// <summary>When one more place is likely to be free. While nothing ends the estimate grows with the wait itself.</summary>
    public TimeSpan UntilNext()
    {
        lock (_lock)
        {
            var since = _count > WindowCount ? _ends[_count % WindowCount] : _busySince;
            var ends = Math.Max(1, Math.Min(_count, WindowCount));
            var mean = time.GetElapsedTime(since) / ends;
            return TimeSpan.FromSeconds(Math.Ceiling(Math.Clamp(mean.TotalSeconds, Shortest.TotalSeconds, Longest.TotalSeconds)));
        }
    }
}
