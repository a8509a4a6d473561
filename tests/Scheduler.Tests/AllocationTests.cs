using StreamCore.Protocol;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests;

/// <summary>Nothing runs beside these tests: the thread pool's queue is everybody's, and grows on the thread that adds to it.</summary>
[CollectionDefinition(nameof(Allocations), DisableParallelization = true)]
public sealed class Allocations;

/// <summary>Budgets: what steady streaming may allocate.</summary>
[Collection(nameof(Allocations))]
public sealed class AllocationTests
{
    private const int Sequences = 16, WarmSteps = 100, WindowSteps = 50, Windows = 20;

    /// <summary>For what doubles now and then: the arrays of text, tokens and blocks, where the pool has none of that size.</summary>
    private const long BytesPerToken = 16;

    [Theory]
    [InlineData(0, 1, 0, 1, 1)]
    [InlineData(1, 1, 0, 1, 1)]
    [InlineData(1, 0.9, 0, 1, 1)]
    [InlineData(1, 0.9, 40, 1, 1)]
    [InlineData(1, 0.9, 40, 1.1, 0.9)]
    public async Task Decoding_allocates_nothing_per_token(float temperature, float topP, int topK, float repetition, float typicalP)
    {
        var penalties = new PenaltySettings(repetition, repetition - 1, repetition - 1);
        await using var harness = new Harness(recordsMetrics: false); // the recorder allocates
        var sampling = Harness.Sampling(temperature, topP, topK, seed: 1, typicalP, penalties: penalties);
        await StreamAsync(harness, Sequences, tokensPerStep: 1, sampling); // fills the pool with arrays of all sizes
        var (windows, _) = await StreamAsync(harness, Sequences, tokensPerStep: 1, sampling);
        AssertWithinBudget(windows, Sequences * WindowSteps * Windows);
    }

    [Fact]
    public async Task Drafting_allocates_nothing_per_token()
    {
        const int Drafting = 4, Drafts = 3;
        var engine = new ScriptedEngine(maxContextTokens: 8192, blockCount: Drafting * 8192 / 4);
        // A period that changes now and then, so that some drafts are wrong.
        engine.SaysAt = position => 'a' + (position + position / 50) % 7;
        await using var harness = new Harness(
            engine, new SchedulerOptions { Speculation = new() { MaxDraftTokens = Drafts } }, recordsMetrics: false);
        await StreamAsync(harness, Drafting, tokensPerStep: 1 + Drafts, Harness.Greedy); // as above
        var before = engine.StepCount;
        var (windows, tokens) = await StreamAsync(harness, Drafting, tokensPerStep: 1 + Drafts, Harness.Greedy);
        AssertWithinBudget(windows, tokens);
        Assert.InRange(tokens, (engine.StepCount - before) * Drafting * 2, long.MaxValue); // drafts were accepted
    }

    private static void AssertWithinBudget(long[] windows, long tokens)
    {
        Assert.Equal(0, windows[Windows / 2]); // in most windows nothing at all
        Assert.InRange(windows.Sum(), 0, BytesPerToken * tokens);
    }

    /// <summary>Streams through all windows. Gives what each allocated, the least first, and how many tokens there were in all.</summary>
    private static async Task<(long[] Windows, long Tokens)> StreamAsync(Harness harness, int sequences, int tokensPerStep, SamplingSettings sampling)
    {
        var marks = new long[Windows + 1];
        var start = harness.Engine.StepCount + WarmSteps;
        harness.Engine.OnStep = step =>
        {
            var (window, rest) = Math.DivRem(step - start, WindowSteps);
            if (rest == 0 && window is >= 0 and <= Windows) marks[window] = harness.Engine.LoopAllocatedBytes;
        };
        harness.Engine.Hold();
        var generations = Enumerable.Range(0, sequences).Select(i => harness.Submit(
            harness.Request($"{i}", maxTokens: (WarmSteps + WindowSteps * Windows + 10) * tokensPerStep, sampling) with
            {
                IgnoreEos = true,
                StopStrings = ["a string that nobody says"],
            })).ToArray();
        var readers = generations.Select(ReadAllAsync).ToArray();
        harness.Engine.Open();
        var bytes = await Task.WhenAll(readers);
        Assert.All(bytes, length => Assert.True(length > WarmSteps));
        Assert.DoesNotContain(0, marks);
        var windows = marks.Zip(marks.Skip(1), (before, after) => after - before).Order().ToArray();
        return (windows, generations.Sum(generation => (long)generation.CompletionTokens));
    }

    private static async Task<long> ReadAllAsync(Generation generation)
    {
        long length = 0;
        while (await generation.WaitToReadAsync())
        {
            while (generation.TryRead(out var delta)) length += generation.Text(delta).Length;
        }

        generation.Dispose();
        return length;
    }
}
