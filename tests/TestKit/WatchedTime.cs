namespace StreamCore.TestKit;

/// <summary>
/// A clock that moves only when told, and tells which waits have begun, so that a test moves it when the code under test has come to wait and
/// not before. Waits are known by their length.
/// </summary>
public sealed class WatchedTime : TimeProvider
{
    /// <summary>Only a test that would hang ever waits this long.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly ManualTime _time = new();
    private readonly List<TimeSpan> _begun = [];
    private readonly List<(TimeSpan Length, TaskCompletionSource Begun)> _expected = [];

    public override long TimestampFrequency => _time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

    public override long GetTimestamp() => _time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = _time.CreateTimer(callback, state, dueTime, period);
        lock (_gate)
        {
            var at = _expected.FindIndex(expected => expected.Length == dueTime);
            if (at < 0)
            {
                _begun.Add(dueTime);
                return timer;
            }
            _expected[at].Begun.SetResult();
            _expected.RemoveAt(at);
        }
        return timer;
    }

    /// <summary>Waits until a wait of this length has begun that was not asked for before.</summary>
    public Task BegunAsync(TimeSpan length)
    {
        lock (_gate)
        {
            if (_begun.Remove(length)) return Task.CompletedTask;
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _expected.Add((length, begun));
            return begun.Task.WaitAsync(Hang);
        }
    }

    /// <summary>Lets a wait of this length, begun or about to begin, run out.</summary>
    public async Task ElapseAsync(TimeSpan length)
    {
        await BegunAsync(length);
        _time.Advance(length);
    }

    public void Advance(TimeSpan by) => _time.Advance(by);
}
