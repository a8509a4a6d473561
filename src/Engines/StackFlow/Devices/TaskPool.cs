using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using StreamCore.Engines.StackFlow.Connections;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Scheduler;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>
/// The tasks of one device. A request gets an idle task with its setup; else one is set up while the model's pool, the unit and the memory have
/// room; else the idle task that was used least recently makes room; else it waits, first come first served. Busy tasks are never ended.
/// <para>One loop makes and ends tasks for all who wait, one after the other: so what it sees of the memory stays true, setups of a unit never
/// queue on the device, and a setup outlives the request that wanted it. Who waits is served by whatever comes first, this or a task that was
/// returned.</para>
/// </summary>
internal sealed partial class TaskPool : IAsyncDisposable
{
    private readonly IDeviceDialer _dialer;
    private readonly DeviceTimeouts _timeouts;
    private readonly TaskJournal _journal;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _suspect;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Task _loop;

    private readonly Lock _gate = new();
    private readonly List<PooledModel> _models = [];
    private readonly List<DeviceTask> _tasks = [];
    private readonly List<TaskWaiter> _waiters = [];
    private readonly Dictionary<UnitKind, (int Tasks, DateTimeOffset Until)> _full = [];
    private volatile DeviceControl? _control;
    private UnitKind? _loading; // of the task that is being set up
    private long _uses, _changes, _setups;

    /// <param name="suspect">Called when the device may be out of reach.</param>
    public TaskPool(
        IDeviceDialer dialer, DeviceTimeouts timeouts, TaskJournal journal, TimeProvider time, ILogger logger, Action suspect)
    {
        (_dialer, _timeouts, _journal, _time, _logger, _suspect) = (dialer, timeouts, journal, time, logger, suspect);
        Leftovers = new Leftovers(journal, dialer.Name, time, logger, IsLive, Setups, Freed);
        _loop = LoopAsync();
    }

    /// <summary>It outlives the pool, for a last sweep.</summary>
    public Leftovers Leftovers { get; }

    public void Add(PooledModel model)
    {
        lock (_gate) _models.Add(model);
        Publish();
    }

    /// <summary>Changes what a model is, or all of them.</summary>
    public void Change(Action change)
    {
        lock (_gate)
        {
            change();
            _changes++;
        }

        Wake();
        Publish();
    }

    /// <summary>The device is in reach.</summary>
    public void Resume(DeviceControl control)
    {
        lock (_gate)
        {
            _control = control;
            _full.Clear();
            foreach (var model in _models) model.Breaker.Succeeded(); // the device's absence may have been the cause
            foreach (var task in _tasks.Where(task => task.State == TaskState.Idle && !task.Unit.IsUsable).ToArray()) End(task);
            Serve();
        }

        Publish();
    }

    /// <summary>The device is out of reach. Running generations end by their own connections' faults.</summary>
    public void Suspend()
    {
        lock (_gate)
        {
            _control = null;
            foreach (var waiter in _waiters) waiter.TrySetException(OutOfReach());
            _waiters.Clear();
        }

        Publish();
    }

    /// <summary>Waits for a task as long as it takes. It is the caller's until <see cref="Return"/>.</summary>
    /// <exception cref="EngineException">The device cannot have one now.</exception>
    public async Task<DeviceTask> RentAsync(PooledModel model, TaskSetup setup, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var waiter = new TaskWaiter(model, setup);
        lock (_gate)
        {
            if (FaultOf(model) is { } fault) throw fault;
            _waiters.Add(waiter);
            Serve();
        }

        Publish();
        using var leaving = cancellation.UnsafeRegister(_ => Leave(waiter, cancellation), null);
        return await waiter.Task.ConfigureAwait(false);
    }

    /// <summary>The task's reader stops it before its end: no setup may get in the way of its pauses.</summary>
    public void Stopping(DeviceTask task)
    {
        lock (_gate)
        {
            if (task.State == TaskState.Busy) task.State = TaskState.Stopping;
        }
    }

    /// <summary>Whether the pool ends the task, which it does while it is rented only when all ends.</summary>
    public bool IsEnding(DeviceTask task)
    {
        lock (_gate) return task.State == TaskState.Ending;
    }

    public void Return(DeviceTask task)
    {
        lock (_gate)
        {
            if (task.State == TaskState.Ending) return;
            task.State = TaskState.Idle;
            task.LastUse = ++_uses;
            _changes++;
            if (!task.Unit.IsUsable) End(task);
            Serve();
        }

        Publish();
    }

    /// <summary>Ends idle tasks of the model.</summary>
    public void Clear(PooledModel model)
    {
        lock (_gate)
        {
            foreach (var task in _tasks.Where(task => task.Model == model && task.State == TaskState.Idle).ToArray()) End(task);
        }
    }

    /// <summary>Ends all tasks. Those whose end is not confirmed become leftovers.</summary>
    public async ValueTask DisposeAsync()
    {
        Suspend();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        DeviceTask[] left;
        lock (_gate) left = [.. _tasks];
        await Task.WhenAll(left.Select(EndAsync)).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private void Leave(TaskWaiter waiter, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (!_waiters.Remove(waiter)) return;
            waiter.TrySetCanceled(cancellation);
            Serve();
        }

        Publish();
    }

    /// <summary>Hands idle tasks to those who wait, in the order they came: a task goes to the first who wants it, or wants its place.</summary>
    private void Serve()
    {
        foreach (var task in _tasks.Where(task => task.State == TaskState.Idle))
        {
            var first = _waiters.Find(waiter => waiter.Matches(task) || waiter.Wants?.Invoke(task) == true);
            if (first is null || !first.Matches(task)) continue;
            _waiters.Remove(first);
            task.State = TaskState.Busy;
            first.TrySetResult(task);
        }

        if (_waiters.Count > 0) Wake();
    }

    private void Wake() => _wakes.Writer.TryWrite(true);

    private void End(DeviceTask task)
    {
        task.State = TaskState.Ending;
        _ = EndAsync(task);
    }

    private async Task EndAsync(DeviceTask task)
    {
        lock (_gate) task.State = TaskState.Ending;
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // a caller may hold the lock
        var isGone = await task.Unit.ExitAsync().ConfigureAwait(false);
        if (isGone)
        {
            _journal.End(task.Tag);
        }
        else
        {
            Log.GivenUp(_logger, _dialer.Name, task.Unit.WorkId, task.Model.Name);
            Leftovers.Add(new JournalEntry(task.Tag, task.Model.Unit.Name, _dialer.Name, task.Unit.WorkId));
            _suspect();
        }

        lock (_gate)
        {
            _tasks.Remove(task);
            _changes++;
            Serve();
        }

        Publish();
    }

    /// <summary>A leftover is gone: a unit that was full has a place.</summary>
    private void Freed() => Change(_full.Clear);

    private bool IsLive(string workId)
    {
        lock (_gate) return _tasks.Exists(task => task.Unit.WorkId == workId && task.Unit.HasConnection);
    }

    private int Count(PooledModel model) => _tasks.Count(task => task.Model == model);

    private int LimitOf(UnitKind unit) =>
        _full.TryGetValue(unit, out var full) && full.Until > _time.GetUtcNow() ? Math.Min(full.Tasks, unit.MaxTasks) : unit.MaxTasks;

    private EngineException? FaultOf(PooledModel model)
    {
        if (_control is null) return OutOfReach();
        if (!model.IsInstalled) return Fault($"{_dialer.Name}: it has no model {model.Name}.");
        if (model.Breaker.Wait > TimeSpan.Zero && Count(model) == 0) return Fault($"{_dialer.Name}: {model.Name} could not be loaded.");
        return null;
    }

    private EngineException OutOfReach() => Fault($"{_dialer.Name}: it is out of reach.");

    /// <summary>What a request is told that can have no task, or whose task failed: it may be tried elsewhere.</summary>
    /// <param name="what">Begins with the device.</param>
    public static EngineException Fault(string what, Exception? inner = null) => new(new EngineFault($"Device {what}", MayRetry: true), inner);

    /// <summary>Tells what each model can have now.</summary>
    private void Publish()
    {
        List<PooledModel>? changed = null;
        lock (_gate)
        {
            foreach (var model in _models)
            {
                if (model.Update(CapacityOf(model))) (changed ??= []).Add(model);
            }
        }

        foreach (var model in changed ?? []) model.Publish();
    }

    private int CapacityOf(PooledModel model)
    {
        if (_control is null || !model.IsInstalled) return 0;
        var own = _tasks.Count(task => task.Model == model && task.State != TaskState.Ending);
        var isStuck = _waiters.Exists(waiter => waiter.Model == model && waiter.Wants is not null);
        if (isStuck || model.Breaker.Wait > TimeSpan.Zero) return own;
        var others = _tasks.Count(task => task.Model != model && task.Model.Unit == model.Unit && task.State is TaskState.Busy or TaskState.Stopping);
        var most = Math.Min(model.PoolSize, LimitOf(model.Unit) - others);
        return Math.Max(own, model.Breaker.State == BreakerState.HalfOpen ? Math.Min(most, own + 1) : most);
    }
}
