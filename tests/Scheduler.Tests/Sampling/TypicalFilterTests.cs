using StreamCore.Scheduler.Sampling;
using Xunit;

namespace StreamCore.Scheduler.Tests.Sampling;

public sealed class TypicalFilterTests
{
    [Theory]
    [InlineData(1f, 0.2f)]
    [InlineData(1f, 0.9f)]
    [InlineData(0.7f, 0.5f)]
    [InlineData(1.5f, 0.95f)]
    [InlineData(1f, 1e-30f)]
    public void What_stays_is_what_a_full_sort_keeps(float temperature, float typicalP)
    {
        var random = new Random(11);
        for (var round = 0; round < 100; round++)
        {
            var logits = Enumerable.Range(0, random.Next(1, 600)).Select(_ => random.NextSingle() * 12 - 6).ToArray();
            if (round % 3 == 0) logits[random.Next(logits.Length)] = float.NegativeInfinity;
            if (!logits.Any(float.IsFinite)) continue;
            var kept = Kept(logits, temperature, typicalP, out var atTheEdge);
            new TypicalFilter(logits.Length).Apply(logits, logits.Max(), temperature, typicalP);
            var stayed = Enumerable.Range(0, logits.Length).Where(id => float.IsFinite(logits[id])).ToArray();
            Assert.NotEmpty(stayed);
            if (!atTheEdge) Assert.Equal(kept.Order(), stayed);
        }
    }

    [Fact]
    public void The_most_probable_token_need_not_stay()
    {
        float[] logits = [MathF.Log(0.4f), .. Enumerable.Repeat(MathF.Log(0.05f), 12)];
        new TypicalFilter(logits.Length).Apply(logits, logits.Max(), 1, 0.28f);
        Assert.Equal(float.NegativeInfinity, logits[0]);
        Assert.Equal(6, logits.Count(float.IsFinite));
    }

    [Fact]
    public void The_sampler_draws_from_what_stayed()
    {
        float[] logits = [MathF.Log(0.4f), .. Enumerable.Repeat(MathF.Log(0.05f), 12)];
        var sampler = new TokenSampler(logits.Length);
        for (var position = 0; position < 200; position++)
        {
            Assert.True(sampler.TryDraw([.. logits], new DrawSettings(1, 0, 1, 0, 3, 0) { TypicalP = 0.28f }, position, out var token));
            Assert.InRange(token, 1, 6);
        }
    }

    /// <summary>The slow way, in doubles. At the edge rounding decides which token is the last, or how two as far away are ordered.</summary>
    private static int[] Kept(float[] logits, float temperature, float typicalP, out bool atTheEdge)
    {
        var max = (double)logits.Max();
        var weights = logits.Select(logit => Math.Exp((logit - max) / temperature)).ToArray();
        var total = weights.Sum();
        var entropy = -weights.Where(weight => weight > 0).Sum(weight => weight / total * Math.Log(weight / total));
        var ordered = Enumerable.Range(0, logits.Length)
            .Select(id => (Id: id, Distance: Math.Abs(-Math.Log(weights[id] / total) - entropy), Share: weights[id] / total))
            .OrderBy(token => token.Distance).ThenBy(token => token.Id).ToArray();
        var sum = 0.0;
        var count = 0;
        atTheEdge = false;
        while (count < ordered.Length && (count == 0 || sum < typicalP))
        {
            sum += ordered[count++].Share;
            atTheEdge |= Math.Abs(sum - typicalP) < 1e-5;
        }

        if (count < ordered.Length) atTheEdge |= ordered[count].Distance - ordered[count - 1].Distance < 1e-4;
        return [.. ordered.Take(count).Select(token => token.Id)];
    }
}
