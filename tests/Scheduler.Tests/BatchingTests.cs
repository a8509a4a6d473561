using StreamCore.Protocol;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests;

/// <summary>What a generation says does not depend on who runs beside it, nor on how often it had to wait.</summary>
public sealed class BatchingTests
{
    [Theory]
    [InlineData(1, 1024)]
    [InlineData(2, 1024)]
    [InlineData(3, 40)]
    [InlineData(4, 40)]
    [InlineData(5, 24)]
    [InlineData(6, 24)]
    public async Task Text_in_a_random_mix_equals_the_text_alone(int seed, int blockCount)
    {
        var random = new Random(seed);
        var jobs = Enumerable.Range(0, 24).Select(id => new Job(
            $"{(id % 2 == 0 ? "what many begin with " : "")}{id}:{new string((char)('a' + id), random.Next(0, 40))}",
            MaxTokens: random.Next(1, 40),
            Mixed(random),
            JoinsAt: random.Next(0, 60))).ToArray();

        var alone = new string[jobs.Length];
        for (var i = 0; i < jobs.Length; i++)
        {
            await using var harness = new Harness(new ScriptedEngine(blockCount: blockCount));
            alone[i] = await Harness.ReadAsync(harness.Submit(jobs[i].Prompt, jobs[i].MaxTokens, jobs[i].Sampling));
        }

        var options = new SchedulerOptions { MaxRunningSequences = 8, StepTokens = 20, PrefillChunkTokens = 7 };
        await using var mix = new Harness(new ScriptedEngine(blockCount: blockCount), options);
        var together = await RunAsync(mix, jobs);
        Assert.Equal(alone, together);
        Assert.Equal(blockCount < 100, mix.Metric("streamcore.preemptions") > 0);
    }

    /// <summary>Submits each job at its step, from the step loop's own thread, so that the mix is the same in every run.</summary>
    private static async Task<string[]> RunAsync(Harness harness, Job[] jobs)
    {
        var generations = new Generation[jobs.Length];
        var next = 0;
        var ordered = jobs.Select((job, index) => (job, index)).OrderBy(pair => pair.job.JoinsAt).ToArray();
        harness.Engine.OnStep = step =>
        {
            while (next < ordered.Length && ordered[next].job.JoinsAt <= step) Submit();
        };
        Submit();
        while (true)
        {
            // The loop may run dry before the last one joins.
            await Task.WhenAll(generations.Where(generation => generation is not null).Select(generation => generation.Completion));
            if (generations.All(generation => generation is not null)) break;
            if (harness.Scheduler.Progress is { Running: 0, Waiting: 0 }) Submit();
        }

        return await Task.WhenAll(generations.Select(Harness.ReadAsync));

        void Submit()
        {
            var (job, index) = ordered[next++];
            generations[index] = harness.Submit(job.Prompt, job.MaxTokens, job.Sampling);
        }
    }

    [Fact]
    public async Task A_long_prompt_does_not_stall_a_stream()
    {
        var options = new SchedulerOptions { MaxRunningSequences = 4, StepTokens = 16, PrefillChunkTokens = 16 };
        await using var harness = new Harness(options: options);
        harness.Engine.KeepsSteps = true;
        harness.Engine.Hold();
        var stream = harness.Submit(harness.Request("abc", maxTokens: 40) with { IgnoreEos = true });
        await harness.Engine.StepWaits();
        var late = harness.Submit(new string('p', 150), maxTokens: 1);
        for (var step = 0; step < 12; step++)
        {
            await harness.Engine.NextStepWaits();
            Assert.Equal(step + 1, stream.CompletionTokens);
        }

        harness.Engine.Open();
        await Task.WhenAll(Harness.ReadAsync(stream), Harness.ReadAsync(late));
        Assert.All(harness.Engine.Steps.Skip(1).Take(10), step =>
        {
            Assert.Equal(1, step[0].Run.TokenCount);
            Assert.Equal(15, step[1].Run.TokenCount);
        });
    }

    [Fact]
    public async Task A_preempted_generation_says_the_same_and_streams_no_byte_twice()
    {
        await using var harness = new Harness(
            new ScriptedEngine(blockTokens: 2, blockCount: 16), new SchedulerOptions { MaxRunningSequences = 3, StepTokens = 8 });
        var generations = Enumerable.Range(0, 3).Select(i =>
            harness.Submit(harness.Request($"{i}bc", maxTokens: 25, Harness.Seeded(i)) with { IgnoreEos = true })).ToArray();
        var texts = await Task.WhenAll(generations.Select(Harness.ReadAsync));
        Assert.True(harness.Metric("streamcore.preemptions") > 0);
        Assert.All(generations, generation => Assert.Equal(25, generation.CompletionTokens));

        for (var i = 0; i < 3; i++)
        {
            var alone = harness.Submit(harness.Request($"{i}bc", maxTokens: 25, Harness.Seeded(i)) with { IgnoreEos = true });
            Assert.Equal(texts[i], await Harness.ReadAsync(alone));
        }
    }

    [Fact]
    public async Task The_same_seed_says_the_same_and_choices_differ()
    {
        await using var harness = new Harness();
        var request = harness.Request("tell", maxTokens: 30, Harness.Seeded(7));
        var texts = new List<string>();
        foreach (var choice in new[] { 0, 0, 1, 2 })
            texts.Add(await Harness.ReadAsync(harness.Submit(request with { Choice = choice })));
        Assert.Equal(texts[0], texts[1]);
        Assert.Equal(3, texts.Distinct().Count());
    }

    [Fact]
    public async Task Without_a_seed_one_is_drawn_for_each()
    {
        await using var harness = new Harness();
        var request = harness.Request("tell", maxTokens: 30, Harness.Sampling());
        Assert.NotEqual(await Harness.ReadAsync(harness.Submit(request)), await Harness.ReadAsync(harness.Submit(request)));
    }

    private static SamplingSettings Mixed(Random random) => random.Next(4) switch
    {
        0 => Harness.Greedy,
        1 => Harness.Seeded(random.Next()),
        2 => Harness.Sampling(seed: random.Next(), typicalP: 0.8f, penalties: new PenaltySettings(1.2f, 0.3f, 0.1f)),
        _ => Harness.Sampling(
            temperature: 0, penalties: new PenaltySettings(1.3f, 1, 0.5f), bias: [new TokenBias('e', 3)], ends: new EndSettings([], 12, false)),
    };

    private sealed record Job(string Prompt, int MaxTokens, SamplingSettings Sampling, int JoinsAt);
}
