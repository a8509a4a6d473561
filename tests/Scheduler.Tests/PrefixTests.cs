using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests;

/// <summary>Prompts that begin alike share cache blocks. The engine checks that what it finds in them is the sequence's own beginning.</summary>
public sealed class PrefixTests
{
    private const string System = "<|user|>You answer briefly and politely. ";

    [Fact]
    public async Task A_second_prompt_takes_over_the_beginning_of_the_first()
    {
        await using var harness = new Harness();
        harness.Engine.KeepsSteps = true;
        var first = harness.Submit(System + "One?", maxTokens: 1);
        await first.Completion;
        var second = harness.Submit(System + "Two?", maxTokens: 1);
        await second.Completion;
        Assert.Equal(0, first.CachedTokens);
        Assert.Equal(first.PromptTokens / 4 * 4 - 4, second.CachedTokens); // whole blocks, up to where they part
        Assert.Equal(second.PromptTokens - second.CachedTokens, harness.Engine.Steps[^1].Sum(run => run.Tokens.Length));
        Assert.Equal(second.CachedTokens, harness.Metric("streamcore.tokens", "cached"));
    }

    [Fact]
    public async Task The_next_turn_of_a_chat_takes_over_prompt_and_answer()
    {
        await using var harness = new Harness();
        harness.Engine.Says("the answer");
        var first = harness.Submit(Harness.Ask, maxTokens: 50);
        await first.Completion;
        var next = harness.Submit(Harness.Ask + "the answer<|end|><|user|>more<|assistant|>", maxTokens: 50);
        Assert.Equal("the answer", await Harness.ReadAsync(next));
        Assert.Equal((first.PromptTokens + "the answer".Length) / 4 * 4, next.CachedTokens);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(5, 4)]
    [InlineData(8, 4)]
    [InlineData(9, 8)]
    public async Task The_same_prompt_again_leaves_one_token_to_compute(int length, int cached)
    {
        await using var harness = new Harness();
        var prompt = new string('p', length);
        var text = await Harness.ReadAsync(harness.Submit(prompt, maxTokens: 6));
        var again = harness.Submit(prompt, maxTokens: 6);
        Assert.Equal(text, await Harness.ReadAsync(again));
        Assert.Equal(cached, again.CachedTokens);
    }

    [Fact]
    public async Task Scopes_do_not_share()
    {
        await using var harness = new Harness();
        foreach (var (scope, cached) in new[] { ("a", 0), ("b", 0), (null, 0), ("a", 40), (null, 40) })
        {
            var generation = harness.Submit(harness.Request(System, maxTokens: 1) with { CacheScope = scope });
            await generation.Completion;
            Assert.Equal(cached > 0, generation.CachedTokens > 0);
        }
    }

    [Fact]
    public async Task Running_generations_share_blocks_and_so_more_fit()
    {
        // 40 tokens in common, 10 blocks; alone each needs 13 of the 20.
        await using var harness = new Harness(new ScriptedEngine(blockCount: 20));
        var prompt = new string('p', 41);
        await Harness.ReadAsync(harness.Submit(prompt, maxTokens: 1));
        harness.Engine.Hold();
        var first = harness.Submit(harness.Request(prompt + "1", maxTokens: 8) with { IgnoreEos = true });
        var second = harness.Submit(harness.Request(prompt + "2", maxTokens: 8) with { IgnoreEos = true });
        harness.Engine.Open();
        await Task.WhenAll(Harness.ReadAsync(first), Harness.ReadAsync(second));
        Assert.Equal((40, 40), (first.CachedTokens, second.CachedTokens));
        Assert.Equal(0, harness.Metric("streamcore.preemptions"));
    }

    [Fact]
    public async Task What_was_used_longest_ago_goes_first_and_the_end_of_a_prompt_before_its_beginning()
    {
        await using var harness = new Harness(new ScriptedEngine(blockCount: 10));
        await Harness.ReadAsync(harness.Submit(new string('a', 17), maxTokens: 1)); // keeps 4 blocks
        await Harness.ReadAsync(harness.Submit(new string('b', 17), maxTokens: 1)); // keeps 4 more, 2 are left
        await Harness.ReadAsync(harness.Submit(new string('c', 13), maxTokens: 1)); // needs 4: takes the last 2 of a
        var a = harness.Submit(new string('a', 17), maxTokens: 1);
        await a.Completion;
        Assert.Equal(8, a.CachedTokens);
    }

    [Fact]
    public async Task A_failed_step_is_not_taken_over()
    {
        await using var harness = new Harness();
        await Harness.ReadAsync(harness.Submit(System, maxTokens: 1));
        harness.Engine.FailWhen = _ => harness.Engine.StepCount == 2 ? new EngineException(new EngineFault("lost", true)) : null;
        var failed = harness.Submit(System, maxTokens: 1);
        await failed.Completion;
        Assert.True(failed.CachedTokens > 0);
        var next = harness.Submit(System, maxTokens: 1);
        await next.Completion;
        Assert.Equal(0, next.CachedTokens);
    }

    [Fact]
    public async Task Sharing_can_be_turned_off()
    {
        await using var harness = new Harness(options: new SchedulerOptions { SharesPrefixes = false });
        await Harness.ReadAsync(harness.Submit(System, maxTokens: 1));
        var again = harness.Submit(System, maxTokens: 1);
        await again.Completion;
        Assert.Equal(0, again.CachedTokens);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Random_prompts_with_common_beginnings_say_what_they_say_alone(int seed)
    {
        var random = new Random(seed);
        var prompts = Enumerable.Range(0, 40)
            .Select(_ => new string('s', random.Next(1, 20)) + new string((char)('a' + random.Next(3)), random.Next(20)))
            .ToArray();
        var lengths = prompts.Select(_ => random.Next(1, 25)).ToArray();
        var alone = new string[prompts.Length];
        await using (var harness = new Harness(options: new SchedulerOptions { SharesPrefixes = false }))
        {
            for (var i = 0; i < prompts.Length; i++)
                alone[i] = await Harness.ReadAsync(harness.Submit(prompts[i], lengths[i], Harness.Seeded(i)));
        }

        var options = new SchedulerOptions { MaxRunningSequences = 6, StepTokens = 16, PrefillChunkTokens = 7 };
        await using var mix = new Harness(new ScriptedEngine(blockCount: random.Next(18, 40)), options);
        var generations = prompts.Select((prompt, i) => mix.Submit(prompt, lengths[i], Harness.Seeded(i))).ToArray();
        foreach (var left in generations.Where((_, i) => i % 9 == 8)) left.Cancel(CancelledBy.Client);
        var together = await Task.WhenAll(generations.Select(Harness.ReadAsync));
        for (var i = 0; i < prompts.Length; i++)
        {
            if (generations[i].Outcome!.IsFinished) Assert.Equal(alone[i], together[i]);
        }

        Assert.True(generations.Sum(generation => generation.CachedTokens) > 0);
    }
}
