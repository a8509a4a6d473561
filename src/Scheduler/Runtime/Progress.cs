namespace StreamCore.Scheduler;

/// <summary>How the step loop is doing, for those who watch it. The loop writes (in a pool, every generation); anybody reads.</summary>
internal sealed class Progress(int maxFailedSteps, TimeProvider time)
{
    private long _steps;
    private long _lastStepAt;
    private long _busySince;
    private int _failedSteps;
    private volatile bool _isBroken;

    public long Steps => Volatile.Read(ref _steps);

    public int FailedSteps => Volatile.Read(ref _failedSteps);

    public bool IsHealthy => !_isBroken && FailedSteps < maxFailedSteps;

    /// <summary>Time since the last sign of life; the caller knows whether there is work.</summary>
    public TimeSpan Since() =>
        time.GetElapsedTime(Math.Max(Volatile.Read(ref _lastStepAt), Volatile.Read(ref _busySince)));

    public DateTimeOffset? LastStepAt =>
        Steps == 0 ? null : time.GetUtcNow() - time.GetElapsedTime(Volatile.Read(ref _lastStepAt));

    /// <summary>Work arrived at an idle loop.</summary>
    public void Start() => Volatile.Write(ref _busySince, time.GetTimestamp());

    public void StepEnded()
    {
        Volatile.Write(ref _lastStepAt, time.GetTimestamp());
        Interlocked.Increment(ref _steps);
    }

    /// <summary>True when health turned.</summary>
    public bool StepFailed()
    {
        Volatile.Write(ref _failedSteps, _failedSteps + 1);
        return _failedSteps == maxFailedSteps;
    }

    /// <summary>True when health turned.</summary>
    public bool StepSucceeded()
    {
        var recovered = _failedSteps >= maxFailedSteps;
        Volatile.Write(ref _failedSteps, 0);
        return recovered;
    }

    public void Break() => _isBroken = true;
}
