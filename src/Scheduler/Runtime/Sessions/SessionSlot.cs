using StreamCore.Protocol;
using StreamCore.Scheduler.Planning;

namespace StreamCore.Scheduler.Sessions;

/// <summary>
/// A generation's place in a pool, waiting or running. It ends once: by what its member yields, by a fault, or from outside, and then at
/// once, whatever the member is doing. What the member yields later is for nobody.
/// <code>
/// Queued -> Prefill -> Decode -> over        over: from each of them
///              |  ^
///              v  |
///           Preempted                        Preempted: its member failed before any text, and it waits for another
/// </code>
/// </summary>
internal sealed class SessionSlot
{
    private readonly Lock _lock = new(); // whoever holds it may write to the generation
    private readonly SessionLedger _ledger;
    private readonly Action _changed;
    private volatile bool _isOver;
    private volatile SessionMember? _member;
    private SessionMember[] _tried = [];
    private CancellationTokenSource? _run;
    private bool _hasText, _hasRepeated;
    private int _untold; // tokens that the generation does not count yet: without text they may be another member's
    private MemberFit[] _fits = [];
    private (MemberSet? Members, SessionMember[]? Tried) _fitsOf;

    /// <param name="changed">Called when there is something for the dispatcher to do.</param>
    public SessionSlot(Generation generation, int maxTokens, SessionLedger ledger, Action changed)
    {
        Generation = generation;
        MaxTokens = maxTokens;
        _ledger = ledger;
        _changed = changed;
        generation.OnCancel(() => Interrupt(Outcome.Cancelled(generation.CancelRequested)));
    }

    public Generation Generation { get; }

    public GenerationRequest Request => Generation.Request;

    /// <summary>Most tokens of the answer, the end of the context considered.</summary>
    public int MaxTokens { get; }

    public bool IsOver => _isOver;

    /// <summary>Who runs it; null while it waits.</summary>
    public SessionMember? Member => _member;

    public bool IsWaiting => !_isOver && _member is null;

    public bool HasRun { get; private set; }

    /// <summary>It may go once more to a member that failed at it.</summary>
    public bool MayRepeat => !_hasRepeated;

    /// <summary>What the last member failed with.</summary>
    public EngineFault? Fault { get; private set; }

    public int Tokens => Generation.CompletionTokens + _untold;

    public SlotPhase Phase =>
        _member is not null ? _hasText ? SlotPhase.Decode : SlotPhase.Prefill
        : HasRun ? SlotPhase.Preempted
        : SlotPhase.Queued;

    /// <summary>The dispatcher's.</summary>
    public long Turn { get; set; }

    /// <summary>The dispatcher's: since when no member that could run it is in reach.</summary>
    public long? OutOfReachSince { get; set; }

    /// <summary>What each member is to it. By the dispatcher, which must not change them.</summary>
    public ReadOnlySpan<MemberFit> Fits(MemberSet members)
    {
        var tried = Volatile.Read(ref _tried);
        if (_fitsOf == (members, tried)) return _fits;
        _fits = [.. members.All.Select(member => Fit(member, tried))];
        _fitsOf = (members, tried);
        return _fits;
    }

    /// <summary>A member runs it from now on. False when it is over.</summary>
    /// <param name="run">Cancelled when it ends from outside.</param>
    public bool TryBegin(SessionMember member, CancellationTokenSource run)
    {
        lock (_lock)
        {
            if (_isOver) return false;
            _hasRepeated |= _tried.Contains(member);
            _member = member;
            _run = run;
            HasRun = true;
            _ledger.Joined(member, _tried.Length > 0 ? _tried[^1] : null);
            return true;
        }
    }

    /// <summary>Adds a piece to the text, and ends where the text ends. False when nothing more is wanted.</summary>
    public bool TryTake(SessionPiece piece)
    {
        lock (_lock)
        {
            if (_isOver) return false;
            var tokens = Math.Max(0, piece.Tokens);
            _ledger.Progressed(tokens);
            _untold += tokens;
            if (!_hasText && !piece.Text.IsEmpty) _ledger.FirstText(Generation);
            _hasText |= !piece.Text.IsEmpty;

            if (Generation.Append(piece.Text.Span)) End(Outcome.Finished(FinishReason.Stop, Generation.StopString));
            else if (piece.FinishReason != FinishReason.None) End(Outcome.Finished(piece.FinishReason));
            else if (Tokens >= MaxTokens) End(Outcome.Finished(FinishReason.Length));
            else if (_hasText) Generation.Publish(Tell());
            return !_isOver;
        }
    }

    /// <summary>Its member failed. It waits for another where that may help and nothing of the answer was said; else it is over.</summary>
    public void Fail(Exception exception, EngineFault fault)
    {
        lock (_lock)
        {
            if (_isOver) return; // and what the member says of that is no fault
            if (!fault.MayRetry || _hasText)
            {
                _ledger.GenerationFailed(exception, Generation, fault);
                End(Outcome.Failed(fault));
                return;
            }

            var member = _member!;
            _ledger.MemberFailed(exception, member, Generation, fault);
            _ledger.Returned(member);
            Fault = fault;
            _untold = 0;
            _run = null;
            Volatile.Write(ref _tried, [.. _tried, member]);
            _member = null;
        }

        _changed();
    }

    /// <summary>Ends it now, waiting or running.</summary>
    public void Interrupt(Outcome outcome)
    {
        lock (_lock)
        {
            if (_isOver) return;
            var run = _run;
            End(outcome);
            if (run is not null) _ = run.CancelAsync(); // what is registered there is the engine's, and may take its time
        }

        _changed();
    }

    /// <summary>Nothing was to be said.</summary>
    public void Finish(FinishReason reason)
    {
        lock (_lock)
        {
            if (!_isOver) End(Outcome.Finished(reason));
        }
    }

    // Under the lock.

    private void End(Outcome outcome)
    {
        var tokens = Tell();
        _ledger.Ended(this, outcome);
        _isOver = true;
        _run = null;
        Generation.End(outcome, tokens);
    }

    private int Tell()
    {
        var tokens = _untold;
        _untold = 0;
        return tokens;
    }

    private MemberFit Fit(SessionMember member, SessionMember[] tried) =>
        !member.IsIn || !member.Engine.CanRun(Request) ? MemberFit.Never
        : tried.Contains(member) ? MemberFit.Tried
        : MemberFit.Fresh;
}
