using Microsoft.Extensions.Logging;
using StreamCore.Scheduler.Planning;

namespace StreamCore.Scheduler.Loading;

/// <summary>
/// The models of a process that are loaded and unloaded on demand, under one budget of memory. What is to be done is decided by
/// <see cref="Residency"/> whenever something has changed; here it is carried out. Safe for many threads.
/// </summary>
public sealed class ResidentModels : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<ResidentModel> _models = [];
    private readonly HashSet<Task> _works = []; // loading and unloading
    private readonly long _budget;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private ResidentState[] _states = [];
    private ResidencyAction[] _actions = [];
    private long _lastPlace, _lastUse;
    private bool _isStopping;

    /// <param name="budget">Bytes that loaded models may take together; <see cref="long.MaxValue"/>: as many as they like.</param>
    public ResidentModels(long budget, TimeProvider time, ILogger log)
    {
        _budget = budget;
        _time = time;
        _log = log;
        _timer = time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Bytes of all models that are being loaded, loaded, or being unloaded.</summary>
    public long UsedBytes
    {
        get { lock (_lock) return _models.Where(model => model.Phase != ResidencyPhase.Absent).Sum(model => model.Bytes); }
    }

    /// <exception cref="ArgumentException">It takes more than the whole budget.</exception>
    public ResidentModel Add(ResidentOptions options)
    {
        if (options.Bytes > _budget) throw new ArgumentException($"{options.Name} takes more than the budget.", nameof(options));
        var model = new ResidentModel(this, options);
        lock (_lock)
        {
            _models.Add(model);
            _states = new ResidentState[_models.Count];
            _actions = new ResidencyAction[_models.Count];
        }

        return model;
    }

    /// <summary>Takes no more, lets what runs end, and when <paramref name="abort"/> is cancelled ends it itself. Who waits for a model is refused.</summary>
    public async Task StopAsync(CancellationToken abort)
    {
        IGenerationScheduler[] running;
        lock (_lock)
        {
            _isStopping = true;
            foreach (var model in _models) RefuseAll(model, LeaseAnswer.Refused(RefusalReason.Stopping));
            running = [.. _models.Where(model => model.Instance is not null).Select(model => model.Instance!.Scheduler)];
        }

        await Task.WhenAll(running.Select(scheduler => scheduler.StopAsync(abort))).ConfigureAwait(false);
    }

    /// <summary>Ends what runs and gives all memory back. A loading cannot be broken off and is waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        lock (_lock)
        {
            foreach (var model in _models.Where(model => model.Instance is not null)) BeginUnload(model);
        }

        while (Works() is { Length: > 0 } works) await Task.WhenAll(works).ConfigureAwait(false); // what is loaded is unloaded then
    }

    internal ValueTask<LeaseAnswer> LeaseAsync(ResidentModel model, TimeSpan timeout, CancellationToken leaving)
    {
        LinkedListNode<Waiter> waiter;
        lock (_lock)
        {
            if (_isStopping) return new(LeaseAnswer.Refused(RefusalReason.Stopping));
            if (model.Phase == ResidencyPhase.Loaded) return new(Grant(model));
            if (model.Waiters.Count >= model.Options.MaxWaiting) return new(LeaseAnswer.Refused(RefusalReason.QueueFull));
            waiter = model.Waiters.AddLast(new Waiter(++_lastPlace));
            Settle();
        }

        return WaitAsync(model, waiter, timeout, leaving);
    }

    internal void Return(ResidentModel model)
    {
        lock (_lock)
        {
            model.Users--;
            Touch(model);
            Settle();
        }
    }

    private async ValueTask<LeaseAnswer> WaitAsync(ResidentModel model, LinkedListNode<Waiter> waiter, TimeSpan timeout, CancellationToken leaving)
    {
        using var late = new CancellationTokenSource(timeout, _time);
        await using var lateness = late.Token.Register(
            () => Withdraw(model, waiter, gone => gone.Set(LeaseAnswer.Refused(RefusalReason.LoadTimedOut)))).ConfigureAwait(false);
        await using var departure = leaving.Register(() => Withdraw(model, waiter, gone => gone.Cancel(leaving))).ConfigureAwait(false);
        return await waiter.Value.Answer.ConfigureAwait(false);
    }

    /// <summary>Takes a request out of the line, if it is still there.</summary>
    private void Withdraw(ResidentModel model, LinkedListNode<Waiter> waiter, Action<Waiter> answer)
    {
        lock (_lock)
        {
            if (waiter.List is null) return;
            model.Waiters.Remove(waiter);
            answer(waiter.Value);
            Settle();
        }
    }

    private Task[] Works()
    {
        lock (_lock) return [.. _works];
    }

    private void OnTimer()
    {
        lock (_lock) Settle();
    }

    // From here on the lock is held.

    /// <summary>Does what is to be done now, until nothing is.</summary>
    private void Settle()
    {
        if (_isStopping) return;
        do
        {
            for (var i = 0; i < _models.Count; i++) _states[i] = StateOf(_models[i]);
            Residency.Plan(_states, _budget, _time.GetTimestamp(), _actions);
            for (var i = 0; i < _models.Count; i++) CarryOut(_models[i], _actions[i]);
        }
        while (Array.Exists(_actions, action => action != ResidencyAction.None));
        SetTimer();
    }

    private void CarryOut(ResidentModel model, ResidencyAction action)
    {
        switch (action)
        {
            case ResidencyAction.Load:
                model.Phase = ResidencyPhase.Loading;
                Begin(() => Load(model), $"load {model.Name}");
                break;
            case ResidencyAction.Drain:
                model.Phase = ResidencyPhase.Draining;
                break;
            case ResidencyAction.Resume:
                Admit(model);
                break;
            case ResidencyAction.Unload:
                BeginUnload(model);
                break;
        }
    }

    private ResidentState StateOf(ResidentModel model) => new(
        model.Bytes, model.Phase, model.Users, model.Waiters.First?.Value.Place ?? long.MaxValue, model.LastUsed, KeptUntil(model));

    private long KeptUntil(ResidentModel model) => model is { Options.KeepAlive: { } keepAlive, Users: 0 }
        ? model.UsedAt + (long)(keepAlive.TotalSeconds * _time.TimestampFrequency)
        : long.MaxValue;

    /// <summary>For the next keep-alive to end.</summary>
    private void SetTimer()
    {
        var next = _models.Where(model => model.Phase == ResidencyPhase.Loaded).Select(KeptUntil).DefaultIfEmpty(long.MaxValue).Min();
        if (next == long.MaxValue) return;
        _timer.FireWithin(_time.GetElapsedTime(_time.GetTimestamp(), next));
    }

    private LeaseAnswer Grant(ResidentModel model)
    {
        model.Users++;
        Touch(model);
        return new(new ModelLease(this, model, model.Instance!.Scheduler), default);
    }

    private void Touch(ResidentModel model)
    {
        model.LastUsed = ++_lastUse;
        model.UsedAt = _time.GetTimestamp();
    }

    /// <summary>The model serves; first those who wait for it.</summary>
    private void Admit(ResidentModel model)
    {
        model.Phase = ResidencyPhase.Loaded;
        Touch(model);
        for (; model.Waiters.First is { } waiter; model.Waiters.RemoveFirst()) waiter.Value.Set(Grant(model));
    }

    private static void RefuseAll(ResidentModel model, LeaseAnswer refusal)
    {
        foreach (var waiter in model.Waiters) waiter.Set(refusal);
        model.Waiters.Clear();
    }

    private void BeginUnload(ResidentModel model)
    {
        var instance = model.Instance!;
        model.Phase = ResidencyPhase.Unloading;
        model.Instance = null;
        Begin(() => Unload(model, instance), $"unload {model.Name}");
    }

    /// <summary>On a thread of its own: it takes seconds, and computes.</summary>
    private void Begin(Action work, string name)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _works.Add(end.Task);
        new Thread(() =>
        {
            work();
            lock (_lock) _works.Remove(end.Task);
            end.SetResult();
        })
        { IsBackground = true, Name = name }.Start();
    }

    // On those threads, without the lock.

    private void Load(ResidentModel model)
    {
        EngineInstance? instance = null;
        Exception? fault = null;
        try
        {
            instance = model.Options.Load();
        }
        catch (Exception exception)
        {
            fault = exception;
        }

        lock (_lock)
        {
            model.Instance = instance;
            if (instance is null)
            {
                model.Phase = ResidencyPhase.Absent;
                RefuseAll(model, LeaseAnswer.Refused(RefusalReason.LoadFailed, fault));
            }
            else if (_isStopping) BeginUnload(model);
            else Admit(model);
            Settle();
        }
    }

    private void Unload(ResidentModel model, EngineInstance instance)
    {
        var began = _time.GetTimestamp();
        try
        {
            instance.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Log.Unloaded(_log, model.Name, (long)_time.GetElapsedTime(began).TotalMilliseconds);
        }
        catch (Exception exception)
        {
            Log.UnloadFailed(_log, exception, model.Name);
        }

        lock (_lock)
        {
            model.Phase = ResidencyPhase.Absent;
            Settle();
        }
    }
}
