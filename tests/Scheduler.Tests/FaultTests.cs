using Xunit;

namespace StreamCore.Scheduler.Tests;

public sealed class FaultTests
{
    private static readonly EngineFault Fault = new("out of memory", MayRetry: true);

    [Fact]
    public async Task A_failed_step_ends_its_generations_and_the_next_ones_run()
    {
        await using var harness = new Harness(options: new SchedulerOptions { MaxRunningSequences = 2, StepTokens = 8 });
        harness.Engine.FailWhen = _ => harness.Engine.StepCount == 3 ? new EngineException(Fault) : null;
        harness.Engine.Hold();
        harness.Submit("first", maxTokens: 1);
        await harness.Engine.StepWaits();
        var generations = Enumerable.Range(0, 3).Select(_ =>
            harness.Submit(harness.Request("ab", maxTokens: 5) with { IgnoreEos = true })).ToArray();
        harness.Engine.Open();
        var outcomes = await Task.WhenAll(generations.Select(generation => generation.Completion));
        Assert.Equal([Fault, Fault, null], outcomes.Select(outcome => outcome.Fault));
        Assert.Equal([1, 1, 5], generations.Select(generation => generation.CompletionTokens));
        Assert.True(harness.Scheduler.Progress.IsHealthy);
        await Harness.ReadAsync(generations[0]); // what was said before may be read still
    }

    [Fact]
    public async Task An_unknown_exception_is_a_fault_without_its_text()
    {
        await using var harness = new Harness();
        harness.Engine.FailWhen = _ => new InvalidOperationException("secret");
        var outcome = await harness.Submit("ab").Completion;
        Assert.Equal(new EngineFault("The engine failed.", MayRetry: false), outcome.Fault);
    }

    [Fact]
    public async Task Steps_that_fail_again_and_again_make_it_unhealthy_until_one_succeeds()
    {
        await using var harness = new Harness(options: new SchedulerOptions { MaxFailedSteps = 2 });
        var fails = true;
        harness.Engine.FailWhen = _ => fails ? new EngineException(Fault) : null;
        await harness.Submit("ab").Completion;
        Assert.True(harness.Scheduler.Progress.IsHealthy);
        await harness.Submit("ab").Completion;
        await Settled(harness, steps: 2);
        Assert.False(harness.Scheduler.Progress.IsHealthy);
        fails = false;
        await Harness.ReadAsync(harness.Submit("ab"));
        Assert.True(harness.Scheduler.Progress.IsHealthy);
    }

    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.NaN, 271)]
    [InlineData(float.PositiveInfinity, 100)]
    public async Task Logits_that_are_no_numbers_fail_one_generation_not_its_neighbours(float bad, int index)
    {
        await using var harness = new Harness();
        harness.Engine.Rewrite = (tokens, logits) =>
        {
            if (tokens[0] == 'x' && tokens.Count == 5) logits[index] = bad;
        };
        harness.Engine.Hold();
        var good = harness.Submit(harness.Request("ab", maxTokens: 8) with { IgnoreEos = true });
        var ill = harness.Submit(harness.Request("xy", maxTokens: 8, Harness.Seeded(1)) with { IgnoreEos = true });
        harness.Engine.Open();
        await Harness.ReadAsync(good);
        Assert.Equal(8, good.CompletionTokens);
        Assert.NotNull((await ill.Completion).Fault);
        Assert.Equal(3, ill.CompletionTokens);
    }

    [Fact]
    public async Task The_reader_of_a_failed_generation_is_told()
    {
        await using var harness = new Harness();
        harness.Engine.FailWhen = _ => new EngineException(Fault);
        var generation = harness.Submit("ab");
        Assert.True(await generation.WaitToReadAsync());
        Assert.True(generation.TryRead(out var delta));
        Assert.True(delta.IsLast);
        Assert.Equal(Fault, generation.Outcome?.Fault);
        Assert.False(await generation.WaitToReadAsync());
    }

    /// <summary>The end of a generation is told before the step that ended it is counted; a later step's start is after both.</summary>
    private static async Task Settled(Harness harness, long steps)
    {
        while (harness.Scheduler.Progress.Steps < steps) await Task.Yield();
    }
}
