using Microsoft.Extensions.Logging;

namespace StreamCore.Scheduler.Sessions;

/// <summary>
/// Counts a pool's generations, and tells metrics, log and those who watch. Every slot is accepted, joins, waits again and ends
/// through here, so that counts cannot drift apart. Safe for many threads.
/// </summary>
internal sealed class SessionLedger(SchedulerMetrics metrics, ILogger logger, TimeProvider time, string instance)
{
    private readonly KeyValuePair<string, object?> _instance = new("instance", instance);
    private readonly KeyValuePair<string, object?> _prompt = new("kind", "prompt");
    private readonly KeyValuePair<string, object?> _generated = new("kind", "generated");
    private readonly CompletionRate _rate = new(time);
    private readonly Progress _progress = new(maxFailedSteps: int.MaxValue, time);
    private int _live, _running;

    /// <summary>Generations accepted and not over.</summary>
    public int Live => Volatile.Read(ref _live);

    public SchedulerProgress Progress(int capacity, int free)
    {
        var live = Live;
        var running = Math.Min(Volatile.Read(ref _running), live);
        return new SchedulerProgress(
            running, live - running, _progress.Steps, live == 0 ? TimeSpan.Zero : _progress.Since(), _progress.LastStepAt,
            _progress.IsHealthy && capacity > 0, free);
    }

    /// <summary>Counts a place for one more. False when there is none; then it says when one is likely to be free.</summary>
    public bool TryReserve(int capacity, out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        var live = Interlocked.Increment(ref _live);
        if (live > capacity)
        {
            Interlocked.Decrement(ref _live);
            retryAfter = _rate.UntilNext();
            return false;
        }

        if (live == 1)
        {
            _rate.Start();
            _progress.Start();
        }

        return true;
    }

    /// <summary>Gives a place back that nobody was accepted for.</summary>
    public void Release() => Interlocked.Decrement(ref _live);

    public void Accepted() => metrics.Waiting.Add(1, _instance);

    /// <summary>An accepted generation never reached the dispatcher.</summary>
    public void Withdrawn()
    {
        metrics.Waiting.Add(-1, _instance);
        Release();
    }

    public void Refused(long generation, Refusal refusal)
    {
        metrics.Refusals.Add(1, _instance, Telemetry.Tag("reason", refusal.Reason.ToString()));
        Log.Refused(logger, instance, generation, refusal.Reason, refusal.RetryAfter);
    }

    /// <param name="failed">The member that failed at it before; null when none did.</param>
    public void Joined(SessionMember member, SessionMember? failed)
    {
        Interlocked.Increment(ref _running);
        metrics.Waiting.Add(-1, _instance);
        metrics.Running.Add(1, _instance);
        metrics.Sessions.Add(1, _instance, Tag(member));
        if (failed is not null) metrics.Failovers.Add(1, _instance, Tag(failed));
    }

    /// <summary>A member's place is free again.</summary>
    public void Freed(SessionMember member) => metrics.Sessions.Add(-1, _instance, Tag(member));

    /// <summary>A piece came.</summary>
    public void Progressed(int tokens)
    {
        metrics.Tokens.Add(tokens, _instance, _generated);
        _progress.StepEnded();
    }

    public void FirstText(Generation generation)
    {
        metrics.TimeToFirstToken.Record(time.GetElapsedTime(generation.SubmittedAt).TotalSeconds, _instance);
        metrics.Tokens.Add(generation.PromptTokens, _instance, _prompt);
    }

    /// <summary>A generation's member failed, and it waits for another.</summary>
    public void Returned(SessionMember member)
    {
        Interlocked.Decrement(ref _running);
        metrics.Running.Add(-1, _instance);
        metrics.Waiting.Add(1, _instance);
        RunEnded(member, "failed");
    }

    /// <summary>A generation is over. Called while the slot still tells its phase.</summary>
    public void Ended(SessionSlot slot, Outcome outcome)
    {
        if (slot.Member is { } member)
        {
            Interlocked.Decrement(ref _running);
            RunEnded(member, outcome.IsFinished ? "ok" : outcome.Fault is not null ? "failed" : "cancelled");
        }

        (slot.Member is null ? metrics.Waiting : metrics.Running).Add(-1, _instance);
        metrics.Ended.Add(1, _instance, Telemetry.Tag("outcome", Telemetry.Name(outcome)));
        Interlocked.Decrement(ref _live);
        _rate.Ended();
        if (outcome.CancelledBy == CancelledBy.None) return;
        metrics.SlotsFreed.Add(
            1, _instance, Telemetry.Tag("phase", slot.Phase.ToString()), Telemetry.Tag("by", outcome.CancelledBy.ToString()));
        Log.SlotFreed(logger, instance, slot.Generation.Id, outcome.CancelledBy, slot.Phase, slot.Tokens);
    }

    public void MemberFailed(Exception exception, SessionMember member, Generation generation, EngineFault fault) =>
        Log.MemberFailed(logger, exception, instance, member.Engine.Name, generation.Id, fault.Message);

    public void GenerationFailed(Exception exception, Generation generation, EngineFault fault) =>
        Log.GenerationFailed(logger, exception, instance, generation.Id, fault.Message);

    public void ReleaseFailed(Exception exception, SessionMember member, Generation generation) =>
        Log.ReleaseFailed(logger, exception, instance, member.Engine.Name, generation.Id);

    public void MemberJoined(ISessionEngine member) => Log.MemberJoined(logger, instance, member.Name);

    public void MemberLeft(ISessionEngine member) => Log.MemberLeft(logger, instance, member.Name);

    public void Stopping() => Log.Stopping(logger, instance, Live);

    public void PlacesKept(int places) => Log.PlacesKept(logger, instance, places);

    public void Broke(Exception exception)
    {
        _progress.Break();
        Log.LoopBroke(logger, exception, instance);
    }

    private void RunEnded(SessionMember member, string result) =>
        metrics.SessionsEnded.Add(1, _instance, Tag(member), Telemetry.Tag("result", result));

    private static KeyValuePair<string, object?> Tag(SessionMember member) => Telemetry.Tag("member", member.Engine.Name);
}
