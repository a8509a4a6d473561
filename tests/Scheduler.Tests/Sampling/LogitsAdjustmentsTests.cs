using StreamCore.Protocol;
using StreamCore.Scheduler.Sampling;
using Xunit;

namespace StreamCore.Scheduler.Tests.Sampling;

public sealed class LogitsAdjustmentsTests
{
    private static readonly int[] Sequence = [1, 1, 2, 3, 3, 3, 4]; // three of the prompt, four of the answer

    [Fact]
    public void The_repetition_penalty_counts_prompt_and_answer_once()
    {
        float[] logits = [1, 2, -2, 3, 0, -1];
        Assert.Equal([1, 1, -4, 1.5f, 0, -1], Adjusted(logits, new PenaltySettings(2, 0, 0)));
    }

    [Fact]
    public void Presence_and_frequency_count_the_answer_only()
    {
        float[] logits = [1, 1, 1, 1, 1, 1];
        Assert.Equal([1, 1, 1, 1 - 0.5f - 3 * 0.25f, 1 - 0.5f - 0.25f, 1], Adjusted(logits, new PenaltySettings(1, 0.5f, 0.25f)));
    }

    [Fact]
    public void Each_draw_counts_anew()
    {
        var adjustments = new LogitsAdjustments(6);
        var request = Request(Harness.Sampling(penalties: new PenaltySettings(1.5f, 0.5f, 0.25f)));
        float[] first = [3, 2, 1, 0, -1, -2], second = [3, 2, 1, 0, -1, -2];
        adjustments.Apply(first, Sequence, 3, request);
        adjustments.Apply(second, Sequence, 3, request);
        Assert.Equal(first, second);
    }

    [Fact]
    public void Random_sequences_are_counted_as_the_formulas_say()
    {
        var random = new Random(5);
        var adjustments = new LogitsAdjustments(50);
        for (var round = 0; round < 200; round++)
        {
            var tokens = Enumerable.Range(0, random.Next(1, 80)).Select(_ => random.Next(50)).ToArray();
            var prompt = random.Next(0, tokens.Length + 1);
            var settings = new PenaltySettings(0.5f + random.NextSingle() * 2, random.NextSingle() * 4 - 2, random.NextSingle() * 4 - 2);
            var logits = Enumerable.Range(0, 50).Select(_ => random.NextSingle() * 10 - 5).ToArray();
            var expected = logits.Select((logit, id) => Plain(logit, id, tokens, prompt, settings)).ToArray();
            adjustments.Apply(logits, tokens, prompt, Request(Harness.Sampling(penalties: settings)));
            for (var id = 0; id < 50; id++) Assert.Equal(expected[id], logits[id], 1e-4);
        }
    }

    [Fact]
    public void A_bias_is_added_after_the_penalties()
    {
        float[] logits = [1, 2, -2, 3, 0, -1];
        new LogitsAdjustments(6).Apply(logits, Sequence, 3, Request(
            Harness.Sampling(penalties: new PenaltySettings(2, 0, 0), bias: [new TokenBias(3, -100), new TokenBias(5, 7)])));
        Assert.Equal([1, 1, -4, 1.5f - 100, 0, 6], logits);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(4, false)]
    public void Tokens_that_end_are_forbidden_until_the_answer_is_long_enough(int minTokens, bool forbidden)
    {
        float[] logits = [1, 2, 3, 4, 5, 6];
        var request = Request(Harness.Sampling(ends: new EndSettings([], minTokens, false))) with { StopTokenIds = [2, 5, 99] };
        new LogitsAdjustments(6).Apply(logits, Sequence, 3, request);
        Assert.Equal(forbidden, float.IsNegativeInfinity(logits[2]) && float.IsNegativeInfinity(logits[5]));
        Assert.Equal([1, 2, 4, 5], new[] { logits[0], logits[1], logits[3], logits[4] });
    }

    private static float Plain(float logit, int id, int[] tokens, int prompt, PenaltySettings settings)
    {
        if (tokens.Contains(id)) logit = logit > 0 ? logit / settings.Repetition : logit * settings.Repetition;
        var count = tokens[prompt..].Count(token => token == id);
        return logit - count * settings.Frequency - (count > 0 ? settings.Presence : 0);
    }

    private static float[] Adjusted(float[] logits, PenaltySettings penalties)
    {
        new LogitsAdjustments(logits.Length).Apply(logits, Sequence, 3, Request(Harness.Sampling(penalties: penalties)));
        return logits;
    }

    private static GenerationRequest Request(SamplingSettings sampling) => new() { PromptTokens = [1], Sampling = sampling, MaxTokens = 1 };
}
