using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using StreamCore.Scheduler.Text;

namespace StreamCore.Scheduler.Sessions;

/// <summary>
/// Runs generations on a pool of session engines: accepts them or says why not, and gives each to the least busy member that can
/// run it. Safe for many threads. The members stay the caller's, who disposes them after this.
/// </summary>
public sealed class SessionScheduler : IGenerationScheduler
{
    private static readonly Refusal Stopping = new(RefusalReason.Stopping, TimeSpan.Zero);

    private readonly SessionLedger _ledger;
    private readonly SessionDispatcher _dispatcher;
    private readonly TimeProvider _time;
    private readonly int _queueCapacity;
    private long _lastId;

    /// <param name="members">Those there are at first; <see cref="Add"/> and <see cref="Remove"/> change them.</param>
    /// <param name="name">Names the pool in metrics and logs.</param>
    public SessionScheduler(
        IEnumerable<ISessionEngine> members, SessionSchedulerOptions options, SchedulerMetrics metrics, TimeProvider time, ILogger logger, string name)
    {
        if (options.Faults() is [var fault, ..]) throw new ArgumentException(fault, nameof(options));
        _time = time;
        _queueCapacity = options.QueueCapacity;
        MaxSequenceTokens = options.MaxSequenceTokens;
        _ledger = new SessionLedger(metrics, logger, time, name);
        _dispatcher = new SessionDispatcher(options, _ledger, time);
        foreach (var member in members) Add(member);
        _dispatcher.Start();
    }

    /// <inheritdoc/>
    public int MaxSequenceTokens { get; }

    /// <inheritdoc/>
    public SchedulerProgress Progress => _ledger.Progress(_dispatcher.Members.Capacity, _dispatcher.Members.Free);

    /// <summary>Adds a member, if it is not one already.</summary>
    public void Add(ISessionEngine member)
    {
        if (_dispatcher.Members.Add(member)) _ledger.MemberJoined(member);
    }

    /// <summary>Gives a member nothing more to run. What it runs goes on.</summary>
    public void Remove(ISessionEngine member)
    {
        if (_dispatcher.Members.Remove(member)) _ledger.MemberLeft(member);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The request was not validated: it has no prompt, or a limit below zero.</exception>
    public bool TrySubmit(GenerationRequest request, [NotNullWhen(true)] out Generation? generation, out Refusal refusal)
    {
        generation = null;
        var id = Interlocked.Increment(ref _lastId);
        Check(request);

        // 1. Whether it can run at all.
        var maxTokens = Math.Min(request.MaxTokens, MaxSequenceTokens - request.PromptTokenCount);
        if (maxTokens < Math.Min(request.MaxTokens, 1)) return Refuse(id, new Refusal(RefusalReason.NeverFits, TimeSpan.Zero), out refusal);
        if (!_dispatcher.Members.CanRun(request)) return Refuse(id, new Refusal(RefusalReason.CannotRun, TimeSpan.Zero), out refusal);

        // 2. Whether there is room. Counted before the scheduler is seen not to be stopping, so that it does not end meanwhile.
        if (!_ledger.TryReserve(_dispatcher.Members.Capacity + _queueCapacity, out var retryAfter))
            return Refuse(id, _dispatcher.IsStopping ? Stopping : new Refusal(RefusalReason.QueueFull, retryAfter), out refusal);
        if (_dispatcher.IsStopping)
        {
            _ledger.Release();
            _dispatcher.Wake();
            return Refuse(id, Stopping, out refusal);
        }

        // 3. It waits.
        var text = new TextAssembler(new StopStrings(request.StopStrings), stripLeadingSpace: false);
        generation = new Generation(id, request, text, _time.GetTimestamp());
        _ledger.Accepted();
        if (!_dispatcher.TryWrite(new SessionSlot(generation, maxTokens, _ledger, _dispatcher.Wake)))
        {
            _ledger.Withdrawn();
            generation = null;
            return Refuse(id, Stopping, out refusal);
        }

        refusal = default;
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>What is aborted ends at once; members have <see cref="SessionSchedulerOptions.ReleaseTimeout"/> to give their places back.</remarks>
    public async Task StopAsync(CancellationToken abort)
    {
        if (!_dispatcher.IsStopping) _ledger.Stopping();
        _dispatcher.Stop();
        using var registration = abort.Register(_dispatcher.Abort);
        await _dispatcher.Ended.ConfigureAwait(false);
    }

    /// <summary>Stops at once; what runs is cancelled.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);

    private static void Check(GenerationRequest request)
    {
        if (request.PromptTokens.Length == 0 && request.Session is not { Messages.Count: > 0 })
            throw new ArgumentException("The request has no prompt.", nameof(request));
        ArgumentOutOfRangeException.ThrowIfNegative(request.MaxTokens, nameof(request));
    }

    private bool Refuse(long id, Refusal why, out Refusal refusal)
    {
        refusal = why;
        _ledger.Refused(id, why);
        return false;
    }
}
