using System.Security.Cryptography;
using StreamCore.Engines.StackFlow.Units;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>The loop that makes tasks, and room for them.</summary>
internal sealed partial class TaskPool
{
    private const long Kilobyte = 1024;
    private const int TagBytes = 5;

    /// <summary>A unit that was full while tasks of ours were busy is tried again after this: others may have left.</summary>
    private static readonly TimeSpan FullFor = TimeSpan.FromSeconds(60);

    private async Task LoopAsync()
    {
        try
        {
            while (await _wakes.Reader.WaitToReadAsync(_stopping.Token).ConfigureAwait(false))
            {
                _wakes.Reader.TryRead(out _);
                while (Decide() is { } step)
                {
                    await step().ConfigureAwait(false);
                    Publish();
                }

                Publish();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Exception fault)
        {
            Log.LoopBroke(_logger, fault, _dialer.Name);
            throw;
        }
    }

    /// <summary>What can be done for the first who waits and for whom something can; null when for none.</summary>
    private Func<Task>? Decide()
    {
        lock (_gate)
        {
            Serve();
            foreach (var waiter in _waiters)
            {
                if (waiter.BlockedSince == _changes) continue;
                var (model, unit) = (waiter.Model, waiter.Model.Unit);
                if (_tasks.Exists(task => task.State == TaskState.Stopping && task.Model.Unit == unit)) continue;
                if (Count(model) >= model.PoolSize)
                {
                    if (MakeRoom(waiter, task => task.Model == model) is { } end) return end;
                }
                else if (_tasks.Count(task => task.Model.Unit == unit) >= LimitOf(unit))
                {
                    if (MakeRoom(waiter, task => task.Model.Unit == unit) is { } end) return end;
                }
                else if (model.Breaker.Wait == TimeSpan.Zero)
                {
                    waiter.Resume();
                    _loading = unit;
                    _setups++;
                    return () => SetupAsync(waiter);
                }
            }

            return null;
        }
    }

    /// <summary>Ends the least recently used idle task of those; where none is idle the waiter waits for one.</summary>
    private Func<Task>? MakeRoom(TaskWaiter waiter, Func<DeviceTask, bool> wants)
    {
        if (Evict(wants) is { } task) return () => EndAsync(task);
        waiter.Block(_changes, wants);
        return null;
    }

    private DeviceTask? Evict(Func<DeviceTask, bool> among)
    {
        var task = _tasks.Where(task => task.State == TaskState.Idle && among(task)).MinBy(task => task.LastUse);
        if (task is null) return null;
        Log.Evicted(_logger, _dialer.Name, task.Unit.WorkId, task.Model.Name);
        task.State = TaskState.Ending;
        return task;
    }

    private async Task SetupAsync(TaskWaiter waiter)
    {
        DeviceException? fault = null;
        long? before;
        try
        {
            before = await MakeMemoryAsync(waiter).ConfigureAwait(false);
            bool isWanted;
            lock (_gate)
            {
                isWanted = waiter.BlockedSince < 0 && _waiters.Contains(waiter);
                if (isWanted) waiter.Unblock();
            }

            if (isWanted) fault = await TrySetupAsync(waiter, before).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate) _loading = null;
        }

        if (fault is not null) await FailedAsync(waiter, fault, before).ConfigureAwait(false);
    }

    private bool IsLoading(UnitKind unit)
    {
        lock (_gate) return _loading == unit;
    }

    private long? Setups(UnitKind unit)
    {
        lock (_gate) return _loading == unit ? null : _setups;
    }

    /// <summary>What went wrong, or null.</summary>
    private async Task<DeviceException?> TrySetupAsync(TaskWaiter waiter, long? before)
    {
        var model = waiter.Model;
        var tag = "sc" + RandomNumberGenerator.GetHexString(2 * TagBytes, lowercase: true);
        var entry = new JournalEntry(tag, model.Unit.Name, _dialer.Name);
        _journal.Begin(entry);
        try
        {
            var start = _time.GetTimestamp();
            var unit = await UnitTask.SetupAsync(_dialer, waiter.Setup with { Tag = tag }, _timeouts, _time, _logger, _stopping.Token).ConfigureAwait(false);
            unit.IsUnitLoading = () => IsLoading(model.Unit);
            _journal.Name(tag, unit.WorkId);
            Log.SetUp(_logger, _dialer.Name, unit.WorkId, model.Name, (long)_time.GetElapsedTime(start).TotalMilliseconds);
            var after = await RemainingAsync().ConfigureAwait(false);
            lock (_gate)
            {
                model.Breaker.Succeeded();
                if (model.MemoryBasis != MemoryBasis.Known && before - after is { } taken) SawMemory(model, taken);
                _tasks.Add(new DeviceTask(model, waiter.Setup, tag, unit) { LastUse = ++_uses });
                _changes++;
                Serve();
            }

            return null;
        }
        catch (DeviceException fault)
        {
            if (fault.Late is { } late) Leftovers.Watch(entry, late);
            else if (fault.Fault == DeviceFault.ConnectionLost) Leftovers.Add(entry);
            else _journal.End(tag);
            return fault;
        }
        catch (OperationCanceledException)
        {
            Leftovers.Add(entry);
            throw;
        }
    }

    /// <summary>Ends idle tasks until the memory is enough. What remains then; null where the device does not tell.</summary>
    private async Task<long?> MakeMemoryAsync(TaskWaiter waiter)
    {
        while (true)
        {
            var remaining = await RemainingAsync().ConfigureAwait(false);
            var model = waiter.Model;
            DeviceTask? task;
            lock (_gate)
            {
                if (remaining is null || remaining >= model.Memory || model.MemoryBasis == MemoryBasis.TooMuch) return remaining;
                task = Evict(static _ => true);
                // What tasks of others hold, or a guess, is found out by trying.
                if (task is null && (model.MemoryBasis == MemoryBasis.Guess || _tasks.Count == 0)) return remaining;
                if (task is null)
                {
                    waiter.Block(_changes, static _ => true);
                    return remaining;
                }
            }

            await EndAsync(task).ConfigureAwait(false);
        }
    }

    private async Task<long?> RemainingAsync()
    {
        if (_control is not { } control) return null;
        try
        {
            return await control.MemoryAsync(_stopping.Token).ConfigureAwait(false) is { } memory ? memory.Remaining * Kilobyte : null;
        }
        catch (DeviceException)
        {
            return null;
        }
    }

    /// <param name="before">Memory that was free before; null where the device does not tell.</param>
    private async Task FailedAsync(TaskWaiter waiter, DeviceException fault, long? before)
    {
        var model = waiter.Model;
        Log.SetupFailed(_logger, _dialer.Name, model.Name, fault.Message);
        var isFull = fault.Fault == DeviceFault.TaskFull;
        if (isFull && !waiter.HasSwept && !Leftovers.IsEmpty && _control is { } control)
        {
            waiter.HasSwept = true;
            await Leftovers.SweepAsync(control, _stopping.Token).ConfigureAwait(false);
            return;
        }

        DeviceTask? room = null;
        lock (_gate)
        {
            if (isFull) room = Evict(task => task.Model.Unit == model.Unit);
            else if (fault.Fault == DeviceFault.SetupFailed && before is null) room = Evict(static _ => true);
            else if (fault.Fault == DeviceFault.SetupFailed && NoteTooLittle(model, before!.Value)) return;
            if (isFull && room is null && _tasks.Count(task => task.Model.Unit == model.Unit) is > 0 and var ours)
            {
                _full[model.Unit] = (ours, _time.GetUtcNow() + FullFor);
                _ = WakeAtAsync(_full[model.Unit].Until);
                return;
            }
        }

        if (room is not null)
        {
            await EndAsync(room).ConfigureAwait(false);
            return;
        }

        GiveUp(model, fault);
        if (fault.Fault is DeviceFault.ConnectionLost or DeviceFault.Silent) _suspect();
    }

    /// <summary>So much free memory was too little, as far as can be told. True when others have some that they can give up.</summary>
    private bool NoteTooLittle(PooledModel model, long free)
    {
        if (model.MemoryBasis is MemoryBasis.Known or MemoryBasis.TooMuch) return false;
        model.Memory = Math.Max(model.Memory, free + 1);
        model.MemoryBasis = _tasks.Count > 0 ? MemoryBasis.AtLeast : MemoryBasis.TooMuch;
        return model.MemoryBasis == MemoryBasis.AtLeast;
    }

    /// <summary>So much less memory was free after a setup. Nothing or less: the model takes none, or others gave some back meanwhile.</summary>
    private static void SawMemory(PooledModel model, long taken)
    {
        if (taken > 0) (model.Memory, model.MemoryBasis) = (taken, MemoryBasis.Known);
        else if (model.MemoryBasis != MemoryBasis.Guess) (model.Memory, model.MemoryBasis) = (0, MemoryBasis.Guess);
    }

    /// <summary>Those who wait for a task of the model are told, but for those whose task is only busy.</summary>
    private void GiveUp(PooledModel model, DeviceException fault)
    {
        lock (_gate)
        {
            if (fault.Fault == DeviceFault.UnitMissing) model.Breaker.Trip();
            else model.Breaker.Failed();
            _ = WakeAtAsync(model.Breaker.Until);
            foreach (var waiter in _waiters.Where(waiter => waiter.Model == model && !_tasks.Exists(waiter.Matches)).ToArray())
            {
                _waiters.Remove(waiter);
                waiter.TrySetException(Fault(fault.Message, fault));
            }
        }
    }

    /// <summary>A timer may be a moment early.</summary>
    private async Task WakeAtAsync(DateTimeOffset due)
    {
        while (!_stopping.IsCancellationRequested && due - _time.GetUtcNow() is { Ticks: > 0 } wait)
            await Task.Delay(wait, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Wake();
    }
}
