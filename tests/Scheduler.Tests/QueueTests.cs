using System.Text;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests;

public sealed class QueueTests
{
    private static readonly SchedulerOptions Small = new() { MaxRunningSequences = 2, QueueCapacity = 1, StepTokens = 8 };

    [Fact]
    public async Task A_full_queue_refuses_and_says_when_to_come_back()
    {
        await using var harness = new Harness(options: Small);
        harness.Engine.Hold();
        var accepted = Enumerable.Range(0, 3).Select(_ => harness.Submit("abc", maxTokens: 2)).ToArray();
        await harness.Engine.StepWaits();

        harness.Time.Advance(TimeSpan.FromSeconds(7.5)); // nothing has ended for so long
        Assert.False(harness.Scheduler.TrySubmit(harness.Request("d"), out var refused, out var refusal));
        Assert.Null(refused);
        Assert.Equal(new Refusal(RefusalReason.QueueFull, TimeSpan.FromSeconds(8)), refusal);

        await harness.Engine.NextStepWaits();
        await harness.Engine.NextStepWaits(); // two have ended: one in 3.75 seconds
        harness.Submit("e", maxTokens: 1);
        harness.Submit("f", maxTokens: 1);
        Assert.False(harness.Scheduler.TrySubmit(harness.Request("d"), out _, out refusal));
        Assert.Equal(TimeSpan.FromSeconds(4), refusal.RetryAfter);
        Assert.Equal(2, harness.Metric("streamcore.generations.refused", "QueueFull"));
        harness.Engine.Open();
        await Task.WhenAll(accepted.Select(Harness.ReadAsync));
    }

    [Fact]
    public async Task What_could_never_fit_is_refused_at_once()
    {
        await using var harness = new Harness(new ScriptedEngine(maxContextTokens: 64, blockTokens: 4, blockCount: 5));
        Assert.Equal(20, harness.Scheduler.MaxSequenceTokens);
        Assert.False(harness.Scheduler.TrySubmit(harness.Request(new string('a', 64)), out _, out var refusal));
        Assert.Equal(new Refusal(RefusalReason.NeverFits, TimeSpan.Zero), refusal);
        Assert.False(harness.Scheduler.TrySubmit(harness.Request("aaaaaaaaaa", maxTokens: 12), out _, out refusal));
        Assert.Equal(RefusalReason.NeverFits, refusal.Reason);
        await Harness.ReadAsync(harness.Submit("aaaaaaaaaa", maxTokens: 11)); // the last token is never cached
    }

    [Fact]
    public async Task Places_come_free_as_generations_end()
    {
        await using var harness = new Harness(options: Small);
        for (var i = 0; i < 50; i++) await Harness.ReadAsync(harness.Submit("abc", maxTokens: 3));
        Assert.Equal(50, harness.Metric("streamcore.generations.ended"));
    }

    [Fact]
    public async Task Keys_take_turns_and_each_keys_own_come_in_order()
    {
        await using var harness = new Harness(options: new SchedulerOptions { MaxRunningSequences = 1, StepTokens = 8 });
        harness.Engine.KeepsSteps = true;
        harness.Engine.Hold();
        var running = Keyed("a0", "a");
        await harness.Engine.StepWaits();
        Generation[] waiting =
        [
            Keyed("a1", "a"), Keyed("a2", "a"), Keyed("a3", "a"), Keyed("b1", "b"), Keyed("b2", "b"), Keyed("n1", null), Keyed("n2", null),
        ];
        await harness.Engine.NextStepWaits();
        var late = Keyed("c1", "c"); // a1 has joined: with the second of the others
        harness.Engine.Open();
        foreach (var generation in waiting.Prepend(running).Append(late)) await Harness.ReadAsync(generation);
        Assert.Equal(["a0", "a1", "b1", "n1", "a2", "b2", "n2", "c1", "a3"], harness.Engine.Steps.Select(step => Encoding.UTF8.GetString([.. step[0].Tokens.Select(token => (byte)token)])));

        Generation Keyed(string prompt, string? key) => harness.Submit(harness.Request(prompt, maxTokens: 1) with { FairnessKey = key });
    }

    [Fact]
    public async Task Many_submitters_at_once_lose_nothing()
    {
        await using var harness = new Harness(options: new SchedulerOptions { MaxRunningSequences = 7, QueueCapacity = 1000, StepTokens = 32 });
        var texts = await Task.WhenAll(Enumerable.Range(0, 8).Select(async thread =>
        {
            await Task.Yield();
            var own = new List<string>();
            for (var i = 0; i < 25; i++) own.Add(await Harness.ReadAsync(harness.Submit($"{thread}.{i}", maxTokens: 9)));
            return own;
        }));
        Assert.Equal(200, texts.Sum(own => own.Count));
        Assert.Equal(200, harness.Metric("streamcore.generations.ended"));
    }

    [Fact]
    public async Task Progress_tells_a_watchdog_when_a_step_hangs()
    {
        await using var harness = new Harness();
        Assert.Equal(TimeSpan.Zero, harness.Scheduler.Progress.SinceProgress);
        Assert.Null(harness.Scheduler.Progress.LastStepAt);
        harness.Time.Advance(TimeSpan.FromHours(1)); // idle is not stuck
        harness.Engine.Hold();
        var generation = harness.Submit("abc", maxTokens: 2);
        await harness.Engine.StepWaits();
        Assert.Equal(TimeSpan.Zero, harness.Scheduler.Progress.SinceProgress);
        harness.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(TimeSpan.FromMinutes(5), harness.Scheduler.Progress.SinceProgress);
        await harness.Engine.NextStepWaits();
        Assert.Equal(TimeSpan.Zero, harness.Scheduler.Progress.SinceProgress);
        Assert.Equal(harness.Time.GetUtcNow(), harness.Scheduler.Progress.LastStepAt);
        harness.Engine.Open();
        await Harness.ReadAsync(generation);
    }

    [Fact]
    public void Options_that_contradict_each_other_are_told()
    {
        Assert.Empty(new SchedulerOptions().Faults());
        Assert.Single(new SchedulerOptions { StepTokens = 64, MaxRunningSequences = 64 }.Faults());
    }
}
