using System.Threading.Tasks.Sources;
using StreamCore.Protocol;
using StreamCore.Scheduler.Sessions;
using StreamCore.Scheduler.Text;

namespace StreamCore.Scheduler;

/// <summary>
/// What the scheduler accepted: its text as it grows, its end, and the way to cancel it. One reader; cancelling may be done from anywhere.
/// The step loop (in a pool of session engines, whoever holds the slot's lock) writes, the reader reads, and they meet only under this
/// object's lock, for a few fields.
/// </summary>
public sealed class Generation : IValueTaskSource<bool>, IDisposable
{
    private readonly Lock _lock = new();
    private readonly TextAssembler _text;
    private readonly TaskCompletionSource<Outcome> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ManualResetValueTaskSourceCore<bool> _news = new() { RunContinuationsAsynchronously = true };
    private byte[] _buffer;
    private int _released, _read, _completionTokens;
    private int _told, _toldRead; // of the logprobs
    private Outcome? _outcome;
    private bool _isWaiting, _isEndRead;
    private int _cancelledBy;
    private Action? _onCancel;
    private int _holders = 2; // the step loop and the reader; the last to leave returns the text's memory
    private int _isDisposed;

    internal Generation(long id, GenerationRequest request, TextAssembler text, long submittedAt)
    {
        Id = id;
        Request = request;
        SubmittedAt = submittedAt;
        _text = text;
        _buffer = text.Buffer;
        if (request.TopLogprobs is not { } top) return;
        Logprobs = new LogprobRows(top);
        if (!request.ScoresPrompt) return;
        OwnPromptLogprobs = new LogprobRows(top);
        OwnPromptLogprobs.Add(textStart: 0)[0] = new TokenLogprob(request.PromptTokens[0], float.NaN);
    }

    /// <summary>Counts up from 1 within one scheduler.</summary>
    public long Id { get; }

    /// <summary>Tokens of the prompt; where it came as text only, as many as <see cref="SessionPrompt.Tokens"/> says.</summary>
    public int PromptTokens => Request.PromptTokenCount;

    /// <summary>Whether <see cref="PromptTokens"/> and <see cref="CompletionTokens"/> are estimates: the engine may count otherwise, or not at all.</summary>
    public bool IsEstimate => Request.Session is { IsEstimate: true };

    /// <summary>Tokens of the prompt whose cache was taken over from earlier generations.</summary>
    public int CachedTokens { get; internal set; }

    /// <summary>Tokens generated so far, one that ended it included.</summary>
    public int CompletionTokens => Volatile.Read(ref _completionTokens);

    /// <summary>The logprobs of the answer's tokens, as they are told of in deltas; null where none are kept.</summary>
    public LogprobRows? Logprobs { get; }

    /// <summary>The logprobs of the prompt's tokens, the first of which has none; null where none are kept. Those of the generation it
    /// follows where it keeps none itself. To be read from the first delta on.</summary>
    public LogprobRows? PromptLogprobs => OwnPromptLogprobs ?? Request.Follows?.PromptLogprobs;

    internal LogprobRows? OwnPromptLogprobs { get; }

    /// <summary>How many tokens of <see cref="Logprobs"/> belong to <see cref="AllText"/>.</summary>
    public int ToldLogprobs
    {
        get { lock (_lock) return _told; }
    }

    /// <summary>Ends with the generation; never faults.</summary>
    public Task<Outcome> Completion => _completion.Task;

    /// <summary>How it ended; null while it runs.</summary>
    public Outcome? Outcome => Volatile.Read(ref _outcome);

    internal GenerationRequest Request { get; }

    /// <summary>Timestamp of the scheduler's clock.</summary>
    internal long SubmittedAt { get; }

    /// <summary>Its prompt has been computed once, or never will be. The step loop's.</summary>
    internal bool HasPrompt { get; set; }

    internal CancelledBy CancelRequested => (CancelledBy)Volatile.Read(ref _cancelledBy);

    /// <summary>Waits for a delta. False when the last one has been read.</summary>
    public ValueTask<bool> WaitToReadAsync()
    {
        lock (_lock)
        {
            if (HasNews) return new ValueTask<bool>(true);
            if (_isEndRead) return new ValueTask<bool>(false);
            if (_isWaiting) throw new InvalidOperationException("A generation has one reader.");
            _isWaiting = true;
            _news.Reset();
            return new ValueTask<bool>(this, _news.Version);
        }
    }

    /// <summary>All that came since the last delta. False when there is nothing new.</summary>
    public bool TryRead(out Delta delta)
    {
        lock (_lock)
        {
            delta = default;
            if (!HasNews) return false;
            delta = new Delta(
                _read, _released - _read, _completionTokens, _outcome?.FinishReason ?? FinishReason.None, _outcome is not null,
                _toldRead, _told - _toldRead);
            (_read, _toldRead) = (_released, _told);
            _isEndRead = delta.IsLast;
            return true;
        }
    }

    /// <summary>The UTF-8 text of a delta: whole characters. Valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Text(Delta delta)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(delta.Start + delta.Length, _released, nameof(delta));
            return _buffer.AsMemory(delta.Start, delta.Length);
        }
    }

    /// <summary>The UTF-8 text so far. Valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> AllText()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
            return _buffer.AsMemory(0, _released);
        }
    }

    /// <summary>Asks for the end; the slot is free after the step that is running. The first to ask is the one who is named.</summary>
    public void Cancel(CancelledBy by)
    {
        ArgumentOutOfRangeException.ThrowIfEqual((int)by, (int)CancelledBy.None, nameof(by));
        if (Interlocked.CompareExchange(ref _cancelledBy, (int)by, 0) == 0) _onCancel?.Invoke();
    }

    /// <summary>For those who do not look at <see cref="CancelRequested"/> all the time. Set before anybody else has the generation.</summary>
    internal void OnCancel(Action action) => _onCancel = action;

    /// <summary>The reader is done with the text. A generation that still runs is cancelled.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        Cancel(CancelledBy.Client);
        Leave();
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _news.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _news.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _news.OnCompleted(continuation, state, token, flags);

    private bool HasNews => _released > _read || (_outcome is not null && !_isEndRead);

    /// <summary>Adds a token's bytes to the text. True when that completes a stop string.</summary>
    internal bool Append(ReadOnlySpan<byte> bytes) => _text.Append(bytes);

    /// <summary>Bytes of the text, those that are held back included.</summary>
    internal int TextLength => _text.Length;

    internal string? StopString => _text.StopString;

    /// <summary>Counts a token, or so many, and shows the text released.</summary>
    internal void Publish(int tokens = 1) => Publish(tokens, outcome: null);

    /// <summary>Shows the rest of the text and the end. The step loop does not touch the generation after that.</summary>
    internal void End(Outcome outcome, int tokens = 0)
    {
        if (outcome.StopString is null) _text.End();
        Publish(tokens, outcome);
        _completion.TrySetResult(outcome);
        Leave();
    }

    private void Publish(int tokens, Outcome? outcome)
    {
        bool wake;
        lock (_lock)
        {
            _buffer = _text.Buffer;
            _released = _text.Released;
            _completionTokens += tokens;
            _outcome = outcome;
            Tell();
            wake = _isWaiting && HasNews;
            if (wake) _isWaiting = false;
        }

        if (wake) _news.SetResult(true);
    }

    /// <summary>Tells of the tokens whose text is shown whole; where a stop string cut the text, of those that are shown in part too.
    /// At any other end all is shown.</summary>
    private void Tell()
    {
        if (Logprobs is not { } rows) return;
        var isCut = _outcome?.StopString is not null;
        for (; _told < rows.Count; _told++)
        {
            var end = rows.TextEnd(_told, _text.Length);
            if (isCut ? rows.TextStart(_told) >= _released : end > _released) break;
            rows.EndAt(_told, Math.Min(end, _released));
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _holders) == 0) _text.ReturnBuffers();
    }
}
