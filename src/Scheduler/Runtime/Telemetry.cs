using Microsoft.Extensions.Logging;

namespace StreamCore.Scheduler;

/// <summary>What one scheduler tells metrics and log, in one place, so that neither clutters the loop.</summary>
internal sealed class Telemetry(SchedulerMetrics metrics, ILogger logger, TimeProvider time, string instance)
{
    private readonly KeyValuePair<string, object?> _instance = new("instance", instance);
    private readonly KeyValuePair<string, object?> _prompt = new("kind", "prompt");
    private readonly KeyValuePair<string, object?> _generated = new("kind", "generated");
    private readonly KeyValuePair<string, object?> _cached = new("kind", "cached");
    private readonly KeyValuePair<string, object?> _accepted = new("result", "accepted");
    private readonly KeyValuePair<string, object?> _rejected = new("result", "rejected");
    private readonly KeyValuePair<string, object?> _succeeded = new("result", "ok");
    private readonly KeyValuePair<string, object?> _failed = new("result", "failed");

    public void Accepted() => metrics.Waiting.Add(1, _instance);

    /// <summary>An accepted generation never reached the loop.</summary>
    public void Withdrawn() => metrics.Waiting.Add(-1, _instance);

    public void Refused(long generation, Refusal refusal)
    {
        metrics.Refusals.Add(1, _instance, Tag("reason", refusal.Reason.ToString()));
        Log.Refused(logger, instance, generation, refusal.Reason, refusal.RetryAfter);
    }

    /// <summary>A waiting generation runs.</summary>
    public void Joined(int cachedTokens)
    {
        metrics.Tokens.Add(cachedTokens, _instance, _cached);
        metrics.Waiting.Add(-1, _instance);
        metrics.Running.Add(1, _instance);
    }

    public void Preempted(Slot slot, int freeBlocks)
    {
        metrics.Running.Add(-1, _instance);
        metrics.Waiting.Add(1, _instance);
        metrics.Preemptions.Add(1, _instance);
        Log.Preempted(logger, instance, slot.Generation.Id, slot.AnswerTokens, freeBlocks);
    }

    /// <summary>A generation is over. Called while the slot still tells its phase.</summary>
    public void Ended(Slot slot, Outcome outcome)
    {
        (slot.IsResident ? metrics.Running : metrics.Waiting).Add(-1, _instance);
        metrics.Ended.Add(1, _instance, Tag("outcome", Name(outcome)));
        if (outcome.CancelledBy == CancelledBy.None) return;
        metrics.SlotsFreed.Add(1, _instance, Tag("phase", slot.Phase.ToString()), Tag("by", outcome.CancelledBy.ToString()));
        Log.SlotFreed(logger, instance, slot.Generation.Id, outcome.CancelledBy, slot.Phase, slot.AnswerTokens);
    }

    /// <param name="stepTokens">New tokens of the step: of prompts, one for each decode row, and drafts.</param>
    public void StepEnded(TimeSpan duration, int stepTokens, SettledTokens tokens)
    {
        var rejected = tokens.Drafted - tokens.Accepted;
        metrics.Steps.Add(1, _instance, _succeeded);
        metrics.StepDuration.Record(duration.TotalSeconds, _instance);
        metrics.Tokens.Add(stepTokens - tokens.Drawn - rejected, _instance, _prompt);
        metrics.Tokens.Add(tokens.Drawn, _instance, _generated);
        metrics.Drafts.Add(tokens.Accepted, _instance, _accepted);
        metrics.Drafts.Add(rejected, _instance, _rejected);
    }

    public void FirstToken(Generation generation) =>
        metrics.TimeToFirstToken.Record(time.GetElapsedTime(generation.SubmittedAt).TotalSeconds, _instance);

    public void StepFailed(Exception exception, int generations, EngineFault fault)
    {
        metrics.Steps.Add(1, _instance, _failed);
        Log.StepFailed(logger, exception, instance, generations, fault.Message);
    }

    public void GenerationFailed(Exception exception, Generation generation, EngineFault fault) =>
        Log.GenerationFailed(logger, exception, instance, generation.Id, fault.Message);

    public void Unhealthy(int failedSteps) => Log.Unhealthy(logger, instance, failedSteps);

    public void Recovered() => Log.Recovered(logger, instance);

    public void LoopBroke(Exception exception) => Log.LoopBroke(logger, exception, instance);

    public void Stopping(int generations) => Log.Stopping(logger, instance, generations);

    internal static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    internal static string Name(Outcome outcome) =>
        outcome.IsFinished ? outcome.FinishReason.ToString()
        : outcome.Fault is not null ? "Failed"
        : "Cancelled";
}
