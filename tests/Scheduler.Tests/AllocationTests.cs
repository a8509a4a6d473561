using StreamCore.Protocol;
using Xunit;

namespace StreamCore.Scheduler.Tests;

/// <summary>Budgets: what steady streaming may allocate.</summary>
public sealed class AllocationTests
{
    private const int Sequences = 16, WarmSteps = 600, Steps = 400;

    /// <summary>For what grows once and stays (thread pool queue segments, a rented array): far below one byte a token.</summary>
    private const long LoopBudgetBytes = 4096;

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(1, 1, 0)]
    [InlineData(1, 0.9, 0)]
    [InlineData(1, 0.9, 40)]
    public async Task Decoding_allocates_nothing_per_token(float temperature, float topP, int topK)
    {
        await using var harness = new Harness(recordsMetrics: false); // the recorder allocates
        var sampling = new SamplingSettings(temperature, topP, topK, 0, 1);
        long before = 0, after = 0;
        harness.Engine.OnStep = step =>
        {
            if (step == WarmSteps) before = harness.Engine.LoopAllocatedBytes;
            if (step == WarmSteps + Steps) after = harness.Engine.LoopAllocatedBytes;
        };
        harness.Engine.Hold();
        var generations = Enumerable.Range(0, Sequences).Select(i => harness.Submit(
            harness.Request($"{i}", maxTokens: WarmSteps + Steps + 10, sampling) with
            {
                IgnoreEos = true,
                StopStrings = ["a string that nobody says"],
            })).ToArray();
        var readers = generations.Select(ReadAllAsync).ToArray();
        harness.Engine.Open();
        var bytes = await Task.WhenAll(readers);
        Assert.All(bytes, length => Assert.True(length > WarmSteps));
        Assert.InRange(after - before, 0, LoopBudgetBytes);
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
