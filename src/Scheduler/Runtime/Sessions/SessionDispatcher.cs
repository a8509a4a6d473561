using System.Threading.Channels;
using StreamCore.Scheduler.Planning;

namespace StreamCore.Scheduler.Sessions;

/// <summary>
/// The one task that owns a pool's queue and its members' places. Whenever something has changed it ends what is too late, asks
/// <see cref="Placement"/> who goes where, and starts them. It never waits for a member.
/// </summary>
internal sealed class SessionDispatcher
{
    private static readonly EngineFault Broken = new("The scheduler failed.", MayRetry: true);

    // Unbounded, but a slot comes once, a place is given back once, and the rest are wakes that are read all at once.
    private readonly Channel<Message> _messages = Channel.CreateUnbounded<Message>(new UnboundedChannelOptions { SingleReader = true });

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<SessionSlot> _slots = []; // not over, in order of arrival
    private readonly SessionLedger _ledger;
    private readonly SessionRunner _runner;
    private readonly TimeProvider _time;
    private readonly TimeSpan _unreachableTimeout, _releaseTimeout;
    private readonly EngineFault _unreachable;
    private readonly ITimer _timer;
    private long _served, _uses;
    private int _taken;
    private long? _abortedAt;
    private volatile bool _isStopping, _isAborted;

    public SessionDispatcher(SessionSchedulerOptions options, SessionLedger ledger, TimeProvider time)
    {
        _ledger = ledger;
        _time = time;
        _unreachableTimeout = options.UnreachableTimeout;
        _releaseTimeout = options.ReleaseTimeout;
        _unreachable = new EngineFault(
            FormattableString.Invariant($"No engine that could run this was in reach for {_unreachableTimeout.TotalSeconds:0.###} seconds."), MayRetry: true);
        _runner = new SessionRunner(ledger, member => _messages.Writer.TryWrite(new Message(null, member)));
        Members = new SessionMembers(Wake);
        _timer = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public SessionMembers Members { get; }

    public bool IsStopping => _isStopping;

    /// <summary>Ends when it was stopped, the last generation is over, and the members' places are free or given up.</summary>
    public Task Ended => _ended.Task;

    public void Start() => _ = RunAsync();

    /// <summary>False after the end.</summary>
    public bool TryWrite(SessionSlot slot) => _messages.Writer.TryWrite(new Message(slot, null));

    /// <summary>There is something to do: a member changed, a generation is over or waits again.</summary>
    public void Wake() => _messages.Writer.TryWrite(default);

    /// <summary>Ends when nothing is left.</summary>
    public void Stop()
    {
        _isStopping = true;
        Wake();
    }

    /// <summary>Ends every generation.</summary>
    public void Abort()
    {
        _isAborted = true;
        Wake();
    }

    private async Task RunAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            while (!IsDone())
            {
                await _messages.Reader.WaitToReadAsync().ConfigureAwait(false);
                while (_messages.Reader.TryRead(out var message)) Take(message);
                Settle();
            }
        }
        catch (Exception exception)
        {
            Break(exception);
        }
        finally
        {
            _messages.Writer.TryComplete();
            Members.Close();
            await _timer.DisposeAsync().ConfigureAwait(false);
            _ended.SetResult();
        }
    }

    private bool IsDone()
    {
        if (!_isStopping || _ledger.Live > 0) return false;
        if (_taken == 0) return true;
        if (_abortedAt is not { } since || _time.GetElapsedTime(since) < _releaseTimeout) return false;
        _ledger.PlacesKept(_taken);
        return true;
    }

    private void Take(Message message)
    {
        if (message.Arrived is { } slot)
        {
            slot.Turn = Placement.Turn(_served, LastTurnOf(slot.Request.FairnessKey));
            _slots.Add(slot);
        }

        if (message.Freed is { } member)
        {
            member.ReturnPlace();
            _taken--;
            _ledger.Freed(member);
        }
    }

    private long LastTurnOf(string? key)
    {
        var last = 0L;
        foreach (var slot in _slots)
        {
            if (slot.IsWaiting && slot.Request.FairnessKey == key) last = Math.Max(last, slot.Turn);
        }

        return last;
    }

    private void Settle()
    {
        var now = _time.GetTimestamp();
        if (_isAborted) _abortedAt ??= now;
        foreach (var slot in _slots)
        {
            var by = _isAborted ? CancelledBy.Shutdown : IsLate(slot, now) ? CancelledBy.Deadline : CancelledBy.None;
            if (by != CancelledBy.None) slot.Interrupt(Outcome.Cancelled(by));
        }

        Members.Sweep();
        Place(now);
        _slots.RemoveAll(static slot => slot.IsOver);
        SetTimer(now);
    }

    private bool IsLate(SessionSlot slot, long now)
    {
        var age = _time.GetElapsedTime(slot.Generation.SubmittedAt, now);
        return age >= slot.Request.Timeout || (!slot.HasRun && age >= slot.Request.QueueTimeout);
    }

    /// <summary>Gives places to those that wait, as long as there are any, and ends those that wait in vain.</summary>
    private void Place(long now)
    {
        // 1. What there is to decide.
        var waiting = _slots.FindAll(static slot => slot.IsWaiting);
        if (waiting.Count == 0) return;
        var set = Members.Set;
        var members = Array.ConvertAll(set.All, static member => member.State);
        var states = waiting.ConvertAll(static slot => new WaitingState(slot.Turn, slot.MayRepeat)).ToArray();
        var fits = new MemberFit[waiting.Count * members.Length];
        for (var i = 0; i < waiting.Count; i++) waiting[i].Fits(set).CopyTo(fits.AsSpan(i * members.Length));

        // 2. Who goes where.
        while (Placement.Next(members, states, fits) is { IsNone: false } placing)
        {
            var member = set.All[placing.Member];
            Begin(waiting[placing.Waiting], member);
            members[placing.Member] = new MemberState(members[placing.Member].Capacity, member.Taken, _uses);
            fits.AsSpan(placing.Waiting * members.Length, members.Length).Clear(); // it waits no more
        }

        // 3. What the others can hope for.
        foreach (var slot in waiting)
        {
            if (slot.IsWaiting) Judge(slot, Placement.Prospect(members, slot.Fits(set), slot.MayRepeat), now);
        }
    }

    private void Begin(SessionSlot slot, SessionMember member)
    {
        var run = new CancellationTokenSource(); // without a timer there is nothing to dispose, and others may cancel it late
        if (!slot.TryBegin(member, run)) return;
        _served = Math.Max(_served, slot.Turn);
        _taken++;
        member.TakePlace(++_uses);
        slot.OutOfReachSince = null;
        _ = _runner.RunAsync(slot, member, run.Token);
    }

    private void Judge(SessionSlot slot, Prospect prospect, long now)
    {
        switch (prospect)
        {
            case Prospect.InReach:
                slot.OutOfReachSince = null;
                break;
            case Prospect.Lost:
                slot.Interrupt(Outcome.Failed(slot.Fault!));
                break;
            default:
                slot.OutOfReachSince ??= now;
                if (_time.GetElapsedTime(slot.OutOfReachSince.Value, now) >= _unreachableTimeout) slot.Interrupt(Outcome.Failed(_unreachable));
                break;
        }
    }

    /// <summary>For what is late next.</summary>
    private void SetTimer(long now)
    {
        var next = TimeSpan.MaxValue;
        foreach (var slot in _slots)
        {
            var age = _time.GetElapsedTime(slot.Generation.SubmittedAt, now);
            Within(slot.Request.Timeout - age);
            if (!slot.HasRun) Within(slot.Request.QueueTimeout - age);
            Within(_unreachableTimeout - (slot.OutOfReachSince is { } since ? _time.GetElapsedTime(since, now) : null));
        }

        Within(_releaseTimeout - (_abortedAt is { } aborted ? _time.GetElapsedTime(aborted, now) : null));
        if (next < TimeSpan.MaxValue) _timer.FireWithin(next);

        void Within(TimeSpan? left)
        {
            if (left < next) next = left.Value;
        }
    }

    /// <summary>A bug: nobody is left waiting for an answer that cannot come.</summary>
    private void Break(Exception exception)
    {
        _ledger.Broke(exception);
        _isStopping = true;
        _messages.Writer.TryComplete();
        while (_messages.Reader.TryRead(out var message))
        {
            if (message.Arrived is { } slot) _slots.Add(slot);
        }

        foreach (var slot in _slots) slot.Interrupt(Outcome.Failed(Broken));
    }

    /// <summary>A generation has come, or a place is free again; neither: something else has changed.</summary>
    private readonly record struct Message(SessionSlot? Arrived, SessionMember? Freed);
}
