using StreamCore.Protocol;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests;

/// <summary>Tokens that several threads draw are those that one draws.</summary>
public sealed class SharedDrawsTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Whoever_draws_the_answers_are_the_same(int workers)
    {
        var alone = await AnswersAsync(workers: 1);
        Assert.Equal(alone, await AnswersAsync(workers));
        Assert.Equal(alone.Length, alone.Distinct().Count());
    }

    [Fact]
    public async Task A_rule_that_fails_ends_its_own_generation_only()
    {
        await using var harness = new Harness(new ScriptedEngine { WorkerCount = 3 });
        var rule = new ThrowingRule(atDraw: 5);
        harness.Engine.Hold();
        var good = Enumerable.Range(0, 6).Select(i => harness.Submit(harness.Request($"good {i}", maxTokens: 20) with { IgnoreEos = true })).ToArray();
        var bad = harness.Submit(harness.Request("bad", maxTokens: 20) with { IgnoreEos = true, LogitsRules = [rule] });
        harness.Engine.Open();
        Assert.NotNull((await bad.Completion).Fault);
        Assert.Equal(4, bad.CompletionTokens);
        foreach (var generation in good)
        {
            Assert.Equal(FinishReason.Length, (await generation.Completion).FinishReason);
            generation.Dispose();
        }

        bad.Dispose();
    }

    [Fact]
    public async Task Each_of_the_threads_draws_some()
    {
        await using var harness = new Harness(new ScriptedEngine { WorkerCount = 2 });
        var together = new Meeting();
        harness.Engine.Hold();
        var generations = Enumerable.Range(0, 4)
            .Select(i => harness.Submit(harness.Request($"{i}", maxTokens: 1) with { LogitsRules = [together] })).ToArray();
        harness.Engine.Open();
        foreach (var generation in generations)
        {
            await generation.Completion;
            generation.Dispose();
        }

        Assert.True(together.HasHappened);
    }

    private static async Task<string[]> AnswersAsync(int workers)
    {
        await using var harness = new Harness(
            new ScriptedEngine { WorkerCount = workers }, new SchedulerOptions { Speculation = new() { MaxDraftTokens = 0 } });
        harness.Engine.Hold();
        var generations = Enumerable.Range(0, 24).Select(i => harness.Submit(harness.Request($"prompt {i}", maxTokens: 30) with
        {
            IgnoreEos = true,
            Sampling = Harness.Sampling(i % 3 * 0.6f, i % 2 == 0 ? 1 : 0.9f, i % 5 * 10, seed: i, typicalP: i % 7 == 0 ? 0.9f : 1, penalties: new PenaltySettings(1 + i % 4 * 0.1f, 0.1f, 0.1f)),
            TopLogprobs = i % 6 == 0 ? 2 : null,
        })).ToArray();
        harness.Engine.Open();
        return await Task.WhenAll(generations.Select(Harness.ReadAsync));
    }

    private sealed class ThrowingRule(int atDraw) : ILogitsRule
    {
        private int _draws;

        public void Apply(Span<float> logits)
        {
            if (++_draws == atDraw) throw new InvalidOperationException("It fails.");
        }

        public void Accept(int token)
        {
            // Nothing to remember.
        }
    }

    /// <summary>The first that draws waits for another thread to draw meanwhile; where only one draws, it goes on after a while.</summary>
    private sealed class Meeting : ILogitsRule
    {
        private readonly TaskCompletionSource _second = new();
        private int _arrivals;

        public bool HasHappened { get; private set; }

        public void Apply(Span<float> logits)
        {
            if (Interlocked.Increment(ref _arrivals) == 1) HasHappened = _second.Task.Wait(TimeSpan.FromSeconds(10));
            else _second.TrySetResult();
        }

        public void Accept(int token)
        {
            // Nothing to remember.
        }
    }
}
