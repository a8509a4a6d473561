using System.Globalization;
using StreamCore.Protocol;
using StreamCore.Scheduler.Grammar;
using StreamCore.Scheduler.Tests.Grammar;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests;

/// <summary>Drafted tokens change how many steps an answer takes, and nothing that anybody is told.</summary>
public sealed class SpeculationTests
{
    private const string List = """{"type":"array","items":{"enum":["north","north east"]},"minItems":3,"maxItems":9}""";

    private static readonly SchedulerOptions Off = new() { Speculation = new() { MaxDraftTokens = 0 } };

    [Theory]
    [InlineData(1, 1024, 24)]
    [InlineData(2, 1024, 24)]
    [InlineData(3, 1024, 9)]
    [InlineData(4, 40, 24)]
    [InlineData(5, 40, 24)]
    [InlineData(6, 40, 12)]
    public async Task Everything_told_is_what_it_would_be_without(int seed, int blockCount, int maxStepTokens)
    {
        var random = new Random(seed);
        var jobs = Enumerable.Range(0, 24).Select(id => Job.Random(id, random)).ToArray();
        var expected = new Told[jobs.Length][];
        for (var i = 0; i < jobs.Length; i++)
        {
            await using var plain = new Harness(Repeating(new ScriptedEngine(blockCount: blockCount)), Off);
            expected[i] = await ReadAsync(jobs[i].Submit(plain));
            Assert.Equal(0, plain.Metric("streamcore.drafts"));
        }

        var options = new SchedulerOptions
        {
            MaxRunningSequences = 6,
            StepTokens = 30,
            PrefillChunkTokens = 9,
            Speculation = new() { MaxDraftTokens = 6, MaxStepTokens = maxStepTokens },
        };
        // With and without other threads to draw with.
        await using var harness = new Harness(Repeating(new ScriptedEngine(blockCount: blockCount) { WorkerCount = 1 + seed % 2 * 2 }), options);
        harness.Engine.KeepsSteps = true;
        harness.Engine.Hold();
        var left = harness.Submit(harness.Request("left alone", maxTokens: 100) with { IgnoreEos = true });
        var generations = jobs.Select(job => job.Submit(harness)).ToArray();
        harness.Engine.OnStep = step =>
        {
            if (step == 12) left.Cancel(CancelledBy.Client);
        };
        harness.Engine.Open();
        for (var i = 0; i < jobs.Length; i++) Assert.Equal(expected[i], await ReadAsync(generations[i]));
        Assert.Equal(CancelledBy.Client, (await left.Completion).CancelledBy);
        left.Dispose();

        Assert.True(harness.Metric("streamcore.drafts", "accepted") > 0);
        Assert.True(harness.Metric("streamcore.drafts", "rejected") > 0);
        Assert.Equal(blockCount < 100, harness.Metric("streamcore.preemptions") > 0);
        Assert.Equal(
            generations.Append([left]).Sum(choices => choices.Sum(generation => generation.CompletionTokens)),
            harness.Metric("streamcore.tokens", "generated"));
        foreach (var step in harness.Engine.Steps)
        {
            // No block beyond those that the tokens need: those of drafts that were wrong went back.
            Assert.All(step, one => Assert.Equal((one.Run.Position + one.Run.TokenCount + 3) / 4, one.Run.BlockCount));
        }
    }

    [Fact]
    public async Task An_answer_that_repeats_the_prompt_takes_few_steps()
    {
        const string Poem = "Whose woods these are I think I know. His house is in the village though;";
        var steps = new List<long>();
        foreach (var options in new[] { Off, new SchedulerOptions() })
        {
            await using var harness = new Harness(options: options);
            harness.Engine.Says(Poem);
            var generation = harness.Submit($"<|user|>Say again: {Poem}<|assistant|>", maxTokens: 500);
            Assert.Equal(Poem, await Harness.ReadAsync(generation));
            Assert.Equal(Poem.Length + 1, generation.CompletionTokens);
            steps.Add(harness.Engine.StepCount);
        }

        Assert.Equal(Poem.Length + 1, steps[0]);
        Assert.InRange(steps[1], 1, steps[0] / 3);
    }

    [Fact]
    public async Task Many_that_decode_draft_nothing()
    {
        var options = new SchedulerOptions { Speculation = new() { MaxStepTokens = 4 } };
        await using var harness = new Harness(options: options);
        harness.Engine.SaysAt = position => 'a' + position % 3;
        harness.Engine.Hold();
        var many = Enumerable.Range(0, 4).Select(i => harness.Submit($"{i}", maxTokens: 30)).ToArray();
        harness.Engine.Open();
        await Task.WhenAll(many.Select(Harness.ReadAsync));
        Assert.Equal(0, harness.Metric("streamcore.drafts"));

        await Harness.ReadAsync(harness.Submit("alone", maxTokens: 30));
        Assert.True(harness.Metric("streamcore.drafts", "accepted") > 15);
    }

    [Fact]
    public async Task What_was_drafted_and_not_drawn_is_not_taken_over()
    {
        await using var harness = new Harness();
        harness.Engine.KeepsSteps = true;
        harness.Engine.Says("abcdefgh!");
        const string Prompt = "xyabcdefghijklmnop<|assistant|>";
        Assert.Equal("abcdefgh!", await Harness.ReadAsync(harness.Submit(Prompt, maxTokens: 50)));
        // It was drafted, at the end of a block.
        Assert.Contains(harness.Engine.Steps, step => step[0].Tokens is [.., 'i'] && step[0].Run.Position + step[0].Run.TokenCount == 28);

        var next = harness.Submit(Prompt + "abcdefghijklmnop", maxTokens: 1);
        await Harness.ReadAsync(next);
        Assert.Equal(24, next.CachedTokens); // they part at 27: what came in its place was '!'
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_step_that_verifies_can_be_the_last_or_fail(bool fails)
    {
        await using var harness = new Harness();
        harness.Engine.SaysAt = position => 'a' + position % 3;
        Generation? generation = null;
        harness.Engine.FailWhen = step =>
        {
            if (step.LogitsRows.Length < 4) return null;
            if (fails) return new EngineException(new EngineFault("lost", MayRetry: true));
            Volatile.Read(ref generation)!.Cancel(CancelledBy.Client);
            return null;
        };
        harness.Engine.Hold();
        Volatile.Write(ref generation, harness.Submit("x", maxTokens: 200));
        harness.Engine.Open();
        var outcome = await generation.Completion;
        Assert.Equal(fails, outcome.Fault is not null);
        Assert.Equal(fails ? CancelledBy.None : CancelledBy.Client, outcome.CancelledBy);
        Assert.InRange(generation.CompletionTokens, 4, 40);
        generation.Dispose();
    }

    /// <summary>Each token has one that nearly always follows it, so that sampled texts repeat themselves for a while.</summary>
    private static ScriptedEngine Repeating(ScriptedEngine engine)
    {
        engine.Rewrite = (sequence, row) => row['a' + (sequence[^1] * 5 + 3) % 11] += 10;
        return engine;
    }

    private static async Task<Told[]> ReadAsync(Generation[] choices)
    {
        var told = new List<Told>();
        foreach (var generation in choices)
        {
            var text = await Harness.ReadAsync(generation);
            var outcome = await generation.Completion;
            told.Add(new Told(
                text, outcome.FinishReason, outcome.StopString, generation.CompletionTokens,
                Describe(generation.Logprobs, generation.ToldLogprobs), Describe(generation.PromptLogprobs, generation.PromptLogprobs?.Count ?? 0)));
        }

        return [.. told];
    }

    private static string Describe(LogprobRows? rows, int count) => rows is null ? "" : string.Join(
        ' ', Enumerable.Range(0, count).Select(i => string.Join(',', rows.Top(i).ToArray().Prepend(rows.Token(i)))
            + string.Create(CultureInfo.InvariantCulture, $"@{rows.TextStart(i)}-{rows.TextEnd(i)}")).Append(rows.Mean.ToString(CultureInfo.InvariantCulture)));

    private sealed record Told(
        string Text, FinishReason FinishReason, string? StopString, int CompletionTokens, string Logprobs, string PromptLogprobs);

    private sealed record Job(
        string Prompt, int MaxTokens, SamplingSettings Sampling, string[] Stops, int? TopLogprobs, bool Scores, bool HasGrammar, int Choices)
    {
        public static Job Random(int id, Random random) => new(
            $"{(id % 2 == 0 ? "what many begin with " : "")}{id}:{new string((char)('a' + id), random.Next(0, 20))}",
            random.Next(1, 60),
            Mixed(random),
            random.Next(3) == 0 ? ["gh", "dd", "fac"] : [],
            random.Next(3) == 0 ? random.Next(4) : null,
            random.Next(2) == 0,
            random.Next(4) == 0,
            random.Next(4) == 0 ? 3 : 1);

        public Generation[] Submit(Harness harness)
        {
            var request = harness.Request(Prompt, MaxTokens, Sampling) with
            {
                StopStrings = Stops,
                TopLogprobs = TopLogprobs,
                ScoresPrompt = TopLogprobs is not null && Scores,
            };
            var first = harness.Submit(request with { LogitsRules = Rules(harness) });
            var followers = Enumerable.Range(1, Choices - 1).Select(choice => harness.Submit(
                request with { LogitsRules = Rules(harness), ScoresPrompt = false, Follows = first, Choice = choice }));
            return [first, .. followers];
        }

        private ILogitsRule[] Rules(Harness harness) => !HasGrammar ? [] :
            [new GrammarRule(Grammars.Compile(Grammars.Schema(List), harness.Tokenizer), [ScriptedTokenizer.EndToken])];

        private static SamplingSettings Mixed(Random random) => random.Next(4) switch
        {
            0 => Harness.Greedy,
            1 => Harness.Seeded(random.Next()),
            2 => Harness.Sampling(seed: random.Next(), typicalP: 0.95f, penalties: new PenaltySettings(1.05f, 0.1f, 0.05f)),
            _ => Harness.Sampling(
                temperature: 0, penalties: new PenaltySettings(1.1f, 0.5f, 0.2f), bias: [new TokenBias('e', 3)], ends: new EndSettings([], 12, false)),
        };
    }
}
