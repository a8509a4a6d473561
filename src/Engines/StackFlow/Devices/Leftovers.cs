using Microsoft.Extensions.Logging;
using StreamCore.Engines.StackFlow.Units;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>
/// Tasks of ours on one device that should be gone and may not be: of an earlier run, or whose connection broke. Which ones are there yet is
/// told by the unit's list; whether one is ours, and not another's that got the same id after the device restarted, by the tag in its
/// response format. Asking for that moves the task's answers to who asks; so only ids that may be ours are asked for, once each, and never one
/// whose connection we have, or may be about to have.
/// </summary>
/// <param name="isLive">Whether a task of that id has its connection here.</param>
/// <param name="setups">Setups of the unit so far; null while one runs, whose task may be in the list before we have it.</param>
/// <param name="ended">Called when one is gone.</param>
internal sealed class Leftovers(
    TaskJournal journal, string device, TimeProvider time, ILogger logger, Func<string, bool> isLive, Func<UnitKind, long?> setups, Action ended) : IDisposable
{
    /// <summary>A setup whose answer was lost may make its task so much later: a tokenizer that does not come up is tried for 300 s.</summary>
    private static readonly TimeSpan LateFor = TimeSpan.FromMinutes(6);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _sweeping = new(1, 1);
    private readonly Dictionary<string, (JournalEntry Entry, DateTimeOffset Until)> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _others = new(StringComparer.Ordinal);
    private readonly List<Task> _watches = [];

    public bool IsEmpty
    {
        get
        {
            lock (_gate) return _entries.Count == 0;
        }
    }

    public void Add(JournalEntry entry)
    {
        lock (_gate) _entries[entry.Tag] = (entry, time.GetUtcNow() + LateFor);
    }

    /// <summary>A setup that was given up is one of them once its connection is gone and its end is not certain.</summary>
    public void Watch(JournalEntry entry, Task<bool> late)
    {
        lock (_gate)
        {
            _watches.RemoveAll(static watch => watch.IsCompleted);
            _watches.Add(WatchAsync(entry, late));
        }
    }

    /// <summary>Completes when no setup is watched any more.</summary>
    public Task WatchedAsync()
    {
        lock (_gate) return Task.WhenAll(_watches);
    }

    /// <summary>The device may have restarted: ids that were others' may be ours, and the other way round.</summary>
    public void ForgetOthers()
    {
        lock (_gate) _others.Clear();
    }

    /// <summary>Ends those that are there. What cannot be done now stays for the next time.</summary>
    public async Task SweepAsync(DeviceControl control, CancellationToken cancellation)
    {
        await _sweeping.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            JournalEntry[] entries;
            lock (_gate) entries = [.. _entries.Values.Select(value => value.Entry)];
            foreach (var unit in entries.GroupBy(entry => entry.Unit))
            {
                if (UnitKind.Find(unit.Key) is { } kind) await SweepAsync(control, kind, [.. unit], cancellation).ConfigureAwait(false);
                else foreach (var entry in unit) Forget(entry);
            }
        }
        catch (DeviceException fault)
        {
            Log.LeftoversStay(logger, device, fault.Message);
        }
        finally
        {
            _sweeping.Release();
        }
    }

    public void Dispose() => _sweeping.Dispose();

    private async Task SweepAsync(DeviceControl control, UnitKind unit, JournalEntry[] entries, CancellationToken cancellation)
    {
        var before = setups(unit);
        if (before is null) return;
        var listed = await ListAsync(control, unit, cancellation).ConfigureAwait(false);
        if (setups(unit) != before) return;
        var unnamed = entries.Any(entry => entry.WorkId.Length == 0);
        foreach (var id in listed)
        {
            if (isLive(id) || !(unnamed || entries.Any(entry => entry.WorkId == id))) continue;
            lock (_gate)
            {
                if (_others.Contains(id)) continue;
            }

            if (await control.ResponseFormatAsync(id, cancellation).ConfigureAwait(false) is not { } format) continue;
            var entry = Array.Find(entries, entry => format.Contains(entry.Tag, StringComparison.Ordinal));
            if (entry is null)
            {
                // Ours, it may have lost its connection only now: it is for the next time.
                if (journal.Knows(format)) continue;
                lock (_gate) _others.Add(id);
            }
            else if (await control.ExitTaskAsync(id, cancellation).ConfigureAwait(false))
            {
                Log.LeftoverEnded(logger, device, id);
                Forget(entry);
                ended();
            }
        }

        foreach (var entry in entries.Where(entry => IsGone(entry, listed))) Forget(entry);
    }

    private async Task WatchAsync(JournalEntry entry, Task<bool> late)
    {
        if (await late.ConfigureAwait(false)) journal.End(entry.Tag);
        else Add(entry);
    }

    /// <summary>A unit that does not run has no tasks.</summary>
    private static async Task<IReadOnlyList<string>> ListAsync(DeviceControl control, UnitKind unit, CancellationToken cancellation)
    {
        try
        {
            return await control.ListTasksAsync(unit, cancellation).ConfigureAwait(false);
        }
        catch (DeviceException fault) when (fault.Fault == DeviceFault.UnitMissing)
        {
            return [];
        }
    }

    private bool IsGone(JournalEntry entry, IReadOnlyList<string> listed)
    {
        lock (_gate)
        {
            if (entry.WorkId.Length == 0) return _entries.TryGetValue(entry.Tag, out var value) && value.Until < time.GetUtcNow();
            return !listed.Contains(entry.WorkId) || _others.Contains(entry.WorkId) || isLive(entry.WorkId);
        }
    }

    private void Forget(JournalEntry entry)
    {
        journal.End(entry.Tag);
        lock (_gate) _entries.Remove(entry.Tag);
    }
}
