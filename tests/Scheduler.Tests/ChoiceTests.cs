using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests;

/// <summary>Several answers to one prompt compute it once, and each is what it would be alone.</summary>
public sealed class ChoiceTests
{
    private const string Prompt = "one prompt that many answers share, of more than one chunk";

    [Theory]
    [InlineData(1024)]
    [InlineData(60)]
    public async Task Choices_take_over_the_prompt_of_the_first(int blockCount)
    {
        var texts = new List<string>();
        await using (var alone = new Harness())
        {
            for (var choice = 0; choice < 6; choice++)
                texts.Add(await Harness.ReadAsync(alone.Submit(Request(alone, choice))));
        }

        Assert.Equal(6, texts.Distinct().Count());
        await using var harness = new Harness(
            new ScriptedEngine(blockCount: blockCount), new SchedulerOptions { StepTokens = 80, PrefillChunkTokens = 16 });
        harness.Engine.Hold();
        var first = harness.Submit(Request(harness, 0));
        var choices = Enumerable.Range(1, 5).Select(choice => harness.Submit(Request(harness, choice) with { Follows = first })).Prepend(first).ToArray();
        harness.Engine.Open();
        Assert.Equal(texts, await Task.WhenAll(choices.Select(Harness.ReadAsync)));
        Assert.Equal(0, first.CachedTokens);
        Assert.All(choices.Skip(1), choice => Assert.Equal((Prompt.Length - 1) / 4 * 4, choice.CachedTokens));
    }

    [Fact]
    public async Task Others_pass_a_choice_that_waits()
    {
        await using var harness = new Harness(options: new SchedulerOptions { StepTokens = 80, PrefillChunkTokens = 16 });
        harness.Engine.KeepsSteps = true;
        harness.Engine.Hold();
        var first = harness.Submit(Request(harness, 0));
        var second = harness.Submit(Request(harness, 1) with { Follows = first });
        var other = harness.Submit("another", maxTokens: 2);
        harness.Engine.Open();
        await Task.WhenAll(Harness.ReadAsync(first), Harness.ReadAsync(second), Harness.ReadAsync(other));
        Assert.Contains(harness.Engine.Steps.Take(2), step => step.Any(run => run.Tokens.SequenceEqual("another".Select(letter => (int)letter))));
    }

    [Fact]
    public async Task A_choice_whose_first_was_cancelled_computes_the_prompt_itself()
    {
        await using var harness = new Harness();
        harness.Engine.Hold();
        var first = harness.Submit(Request(harness, 0));
        var second = harness.Submit(Request(harness, 1) with { Follows = first });
        first.Cancel(CancelledBy.Client);
        harness.Engine.Open();
        Assert.NotEmpty(await Harness.ReadAsync(second));
        Assert.True(second.Outcome!.IsFinished);
        first.Dispose();
    }

    private static GenerationRequest Request(Harness harness, int choice) =>
        harness.Request(Prompt, maxTokens: 20, Harness.Seeded(9)) with { Choice = choice, IgnoreEos = true };
}
