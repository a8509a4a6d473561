namespace StreamCore.StackFlowSimulator.Running;

/// <summary>
/// The one loop on which a device does everything. What is posted runs at once on the thread that posted, unless the loop is running
/// already; async code started on it comes back to it. So with a manual clock and inline pipes, when a send or an advance returns, the
/// device has done all it could. What goes out to clients goes after the loop has come to rest, outside it.
/// </summary>
internal sealed class DeviceLoop(Action rested, Action<Exception> failed) : SynchronizationContext
{
    private readonly Lock _gate = new();
    private readonly Lock _state = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _work = new();
    private List<Action> _after = [];
    private bool _isRunning, _isHeld, _isEnded;

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            if (_isEnded) return;
            _work.Enqueue((d, state));
            if (_isRunning || _isHeld) return;
            _isRunning = true;
        }

        Run();
    }

    public void Post(Action work) => Post(static state => ((Action)state!)(), work);

    /// <summary>Starts async work on the loop. It ends silently when it is cancelled.</summary>
    public void Start(Func<Task> work) => Post(() => _ = ObserveAsync(work));

    /// <summary>Has this done when the loop has come to rest; only for what runs on it.</summary>
    public void Afterwards(Action action)
    {
        lock (_gate) _after.Add(action);
    }

    /// <summary>Reads the device's state between two pieces of work.</summary>
    public T Read<T>(Func<T> read)
    {
        lock (_state) return read();
    }

    /// <summary>Nothing runs until <see cref="Release"/>.</summary>
    public void Hold()
    {
        lock (_gate) _isHeld = true;
    }

    public void Release()
    {
        lock (_gate)
        {
            _isHeld = false;
            if (_isRunning) return;
            _isRunning = true;
        }

        Run();
    }

    /// <summary>Nothing runs ever again.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isEnded = true;
            _work.Clear();
        }
    }

    private void Run()
    {
        var before = Current;
        SetSynchronizationContext(this);
        List<Action> after;
        try
        {
            while (TryTake(out var work, out after))
            {
                lock (_state)
                {
                    try
                    {
                        work.Callback(work.State);
                    }
                    catch (Exception error)
                    {
                        failed(error);
                    }
                }
            }
        }
        finally
        {
            SetSynchronizationContext(before);
        }

        foreach (var action in after) action();
        rested();
    }

    private bool TryTake(out (SendOrPostCallback Callback, object? State) work, out List<Action> after)
    {
        lock (_gate)
        {
            after = [];
            work = default;
            if (!_isHeld && _work.TryDequeue(out work)) return true;
            _isRunning = false;
            (after, _after) = (_after, after);
            return false;
        }
    }

    private async Task ObserveAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException)
        {
            // Its unit has died.
        }
        catch (Exception error)
        {
            failed(error);
        }
    }
}
