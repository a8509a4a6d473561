using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests;

public sealed class CancellationTests
{
    private static readonly SchedulerOptions OneAtATime = new() { MaxRunningSequences = 1, PrefillChunkTokens = 4, StepTokens = 8 };

    [Fact]
    public async Task A_queued_generation_never_runs()
    {
        await using var harness = new Harness(options: OneAtATime);
        harness.Engine.Hold();
        var running = harness.Submit("abc", maxTokens: 8);
        await harness.Engine.StepWaits();
        var queued = harness.Submit("def");
        queued.Cancel(CancelledBy.Client);
        await harness.Engine.NextStepWaits();
        Assert.Equal(CancelledBy.Client, queued.Outcome?.CancelledBy);
        Assert.Equal(1, harness.Metric("streamcore.slots.freed", "Queued"));
        Assert.Equal((1, 0), (harness.Scheduler.Progress.Running, harness.Scheduler.Progress.Waiting));
        harness.Engine.Open();
        await Harness.ReadAsync(running);
        queued.Dispose();
    }

    [Fact]
    public async Task A_prefill_ends_between_its_chunks()
    {
        await using var harness = new Harness(options: OneAtATime);
        harness.Engine.Hold();
        var generation = harness.Submit(new string('p', 100));
        await harness.Engine.StepWaits();
        await harness.Engine.NextStepWaits();
        generation.Cancel(CancelledBy.Client);
        harness.Engine.LetStep();
        Assert.Equal(CancelledBy.Client, (await generation.Completion).CancelledBy);
        Assert.Equal(2, harness.Engine.StepCount);
        Assert.Equal(harness.Engine.Limits.BlockCount, harness.Scheduler.Progress.FreeBlocks);
        Assert.Equal(1, harness.Metric("streamcore.slots.freed", "Prefill"));
        generation.Dispose();
    }

    [Fact]
    public async Task A_decode_ends_after_the_step_that_runs()
    {
        await using var harness = new Harness();
        harness.Engine.Says("abcdefghijklmnop");
        harness.Engine.Hold();
        var generation = harness.Submit(Harness.Ask, maxTokens: 1000);
        await harness.Engine.StepWaits();
        for (var i = 0; i < 3; i++) await harness.Engine.NextStepWaits();
        generation.Cancel(CancelledBy.Client);
        generation.Cancel(CancelledBy.Deadline);
        harness.Engine.LetStep();
        Assert.Equal(CancelledBy.Client, (await generation.Completion).CancelledBy);
        Assert.Equal(4, harness.Engine.StepCount);
        Assert.Equal(harness.Engine.Limits.BlockCount, harness.Scheduler.Progress.FreeBlocks);
        Assert.Equal(1, harness.Metric("streamcore.slots.freed", "Decode"));
        Assert.Equal("abcd", await Harness.ReadAsync(generation));
    }

    [Fact]
    public async Task A_preempted_generation_is_cancelled_while_it_waits()
    {
        await using var harness = new Harness(
            new ScriptedEngine(blockTokens: 2, blockCount: 12), new SchedulerOptions { MaxRunningSequences = 2, StepTokens = 8 });
        harness.Engine.Hold();
        var senior = harness.Submit(harness.Request("abcd", maxTokens: 20) with { IgnoreEos = true });
        var junior = harness.Submit(harness.Request("efgh", maxTokens: 20) with { IgnoreEos = true });
        await harness.Engine.StepWaits();
        while (harness.Metric("streamcore.preemptions") == 0) await harness.Engine.NextStepWaits();
        junior.Cancel(CancelledBy.Client);
        await harness.Engine.NextStepWaits();
        Assert.Equal(CancelledBy.Client, junior.Outcome?.CancelledBy);
        Assert.Equal(1, harness.Metric("streamcore.slots.freed", "Preempted"));
        harness.Engine.Open();
        await Harness.ReadAsync(senior);
        junior.Dispose();
    }

    [Fact]
    public async Task Disposing_a_generation_that_runs_cancels_it()
    {
        await using var harness = new Harness();
        harness.Engine.Hold();
        var generation = harness.Submit("abc", maxTokens: 1000);
        await harness.Engine.StepWaits();
        generation.Dispose();
        harness.Engine.Open();
        Assert.Equal(CancelledBy.Client, (await generation.Completion).CancelledBy);
    }

    [Fact]
    public async Task A_deadline_ends_what_runs_and_what_waits()
    {
        await using var harness = new Harness(options: OneAtATime);
        harness.Engine.Hold();
        var timeout = TimeSpan.FromSeconds(10);
        var running = harness.Submit(harness.Request("abc", maxTokens: 1000) with { Timeout = timeout, QueueTimeout = TimeSpan.FromSeconds(1) });
        var impatient = harness.Submit(harness.Request("def") with { QueueTimeout = TimeSpan.FromSeconds(5) });
        var queued = harness.Submit(harness.Request("def") with { Timeout = timeout });
        await harness.Engine.StepWaits();
        harness.Time.Advance(TimeSpan.FromSeconds(4));
        await harness.Engine.NextStepWaits();
        Assert.Null(impatient.Outcome);
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        await harness.Engine.NextStepWaits();
        Assert.Equal(CancelledBy.Deadline, impatient.Outcome?.CancelledBy);
        Assert.Null(running.Outcome);
        harness.Time.Advance(TimeSpan.FromSeconds(5));
        harness.Engine.LetStep();
        Assert.Equal(CancelledBy.Deadline, (await running.Completion).CancelledBy);
        Assert.Equal(CancelledBy.Deadline, (await queued.Completion).CancelledBy);
    }

    [Fact]
    public async Task A_drain_lets_everything_end_and_refuses_more()
    {
        await using var harness = new Harness(options: OneAtATime);
        harness.Engine.Says("abc");
        harness.Engine.Hold();
        var running = harness.Submit(Harness.Ask);
        var queued = harness.Submit(Harness.Ask);
        await harness.Engine.StepWaits();
        var stopped = harness.Scheduler.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(harness.Scheduler.TrySubmit(harness.Request("a"), out _, out var refusal));
        Assert.Equal(RefusalReason.Stopping, refusal.Reason);
        harness.Engine.Open();
        await stopped;
        Assert.Equal("abc", await Harness.ReadAsync(running));
        Assert.Equal("abc", await Harness.ReadAsync(queued));
    }

    [Fact]
    public async Task An_abort_ends_everything_within_a_step()
    {
        await using var harness = new Harness(options: OneAtATime);
        harness.Engine.Hold();
        var running = harness.Submit("abc", maxTokens: 1000);
        var queued = harness.Submit("def");
        await harness.Engine.StepWaits();
        var disposed = harness.Scheduler.DisposeAsync();
        harness.Engine.LetStep();
        await disposed;
        Assert.Equal(1, harness.Engine.StepCount);
        Assert.Equal(CancelledBy.Shutdown, running.Outcome?.CancelledBy);
        Assert.Equal(CancelledBy.Shutdown, queued.Outcome?.CancelledBy);
    }
}
