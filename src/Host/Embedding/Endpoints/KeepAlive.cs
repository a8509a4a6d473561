using StreamCore.Transport.Writing;

namespace StreamCore.Host.Endpoints;

/// <summary>
/// Sends comments on a stream while the model is silent, so that proxies and clients do not take a long prompt for a dead
/// connection. The stream has one writer at a time: its owner, except between <see cref="Resume"/> and <see cref="PauseAsync"/>.
/// The timer is not moved for each token; it looks back when it fires. Nothing is allocated between two comments.
/// </summary>
internal sealed class KeepAlive : IDisposable
{
    private readonly SseWriter _sse;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(0, 1);
    private readonly ITimer? _timer;
    private long _silentSince;

    /// <param name="interval">Zero sends none.</param>
    public KeepAlive(SseWriter sse, TimeSpan interval, TimeProvider time)
    {
        _sse = sse;
        _interval = interval;
        _time = time;
        _silentSince = time.GetTimestamp();
        if (interval > TimeSpan.Zero)
            _timer = time.CreateTimer(static state => _ = ((KeepAlive)state!).OnTimerAsync(), this, interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The owner has sent what it had, and waits for more.</summary>
    public void Resume()
    {
        Volatile.Write(ref _silentSince, _time.GetTimestamp());
        _turn.Release();
    }

    /// <summary>The owner goes on writing when this is done, which it mostly is at once.</summary>
    public Task PauseAsync() => _turn.WaitAsync();

    public void Dispose() => _timer?.Dispose();

    private async Task OnTimerAsync()
    {
        var left = _interval - _time.GetElapsedTime(Volatile.Read(ref _silentSince));
        if (left <= TimeSpan.Zero)
        {
            left = _interval;
            // No turn: the owner writes at this moment, and there is no silence.
            if (_turn.Wait(0) && !await CommentAsync()) return;
        }

        _timer?.Change(left, Timeout.InfiniteTimeSpan);
    }

    /// <summary>False when the client is gone, which the owner learns from its own flush.</summary>
    private async ValueTask<bool> CommentAsync()
    {
        try
        {
            _sse.Comment("keep-alive"u8);
            return await _sse.FlushAsync();
        }
        finally
        {
            _turn.Release();
        }
    }
}
