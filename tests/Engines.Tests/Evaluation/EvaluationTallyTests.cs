using StreamCore.Engines.Evaluation;
using Xunit;

namespace StreamCore.Engines.Tests.Evaluation;

/// <summary>The figures, against values computed by hand.</summary>
public sealed class EvaluationTallyTests
{
    [Fact]
    public void A_distribution_is_the_softmax_of_its_logits_at_any_length()
    {
        for (var length = 1; length < 40; length++)
        {
            var logits = Enumerable.Range(0, length).Select(i => MathF.Sin(i) * 5 + 100).ToArray();
            var distribution = new Distribution(length);
            Assert.True(distribution.TrySet(logits));
            var sum = logits.Sum(logit => Math.Exp((double)logit));
            for (var i = 0; i < length; i++) Assert.Equal(logits[i] - Math.Log(sum), distribution.Log(i), tolerance: 1e-11);
            Assert.Equal(Array.IndexOf(logits, logits.Max()), distribution.Top);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_no_distribution_is_refused_wherever_it_is(float bad)
    {
        for (var at = 0; at < 20; at++)
        {
            var logits = new float[20];
            logits[at] = bad;
            Assert.False(new Distribution(20).TrySet(logits));
        }

        Assert.False(new Distribution(2).TrySet([float.NegativeInfinity, float.NegativeInfinity]));
    }

    [Fact]
    public void Divergence_and_difference_are_those_of_the_probabilities()
    {
        var (p, q) = (Of(0.5, 0.5, 0), Of(0.25, 0.7, 0.05));
        Assert.Equal(0.5 * Math.Log(2) + 0.5 * Math.Log(0.5 / 0.7), p.DivergenceOf(q), 6);
        Assert.Equal(double.PositiveInfinity, q.DivergenceOf(p));
        Assert.Equal(0.25, p.LargestDifference(q), 6);
        Assert.Equal(0, q.DivergenceOf(q));
    }

    [Fact]
    public void Figures_are_means_over_the_tokens()
    {
        var (reference, own) = (new EvaluationTally(), new EvaluationTally());
        foreach (var (p, q, token) in new[] { (Of(0.5, 0.5), Of(0.25, 0.75), 1), (Of(0.8, 0.2), Of(0.8, 0.2), 1) })
        {
            reference.Add(p, p, token);
            own.Add(p, q, token);
        }

        var exact = reference.Figures(reference);
        Assert.Equal((2, 1, 0, 0, 1, 0),
            (exact.TokenCount, exact.PerplexityRatio, exact.MeanDivergence, exact.Divergence99, exact.TopAgreement, exact.LargestDifference));
        Assert.Equal(1 / Math.Sqrt(0.5 * 0.2), exact.Perplexity, 6);

        var figures = own.Figures(reference);
        var divergence = 0.5 * Math.Log(2) + 0.5 * Math.Log(0.5 / 0.75);
        Assert.Equal(1 / Math.Sqrt(0.75 * 0.2), figures.Perplexity, 6);
        Assert.Equal(Math.Sqrt(0.5 / 0.75), figures.PerplexityRatio, 6);
        Assert.Equal(divergence / 2, figures.MeanDivergence, 6);
        Assert.Equal(divergence, figures.Divergence99, 6);
        Assert.Equal(0.5, figures.TopAgreement); // 0 is the top of two equal ones
        Assert.Equal(0.25, figures.LargestDifference, 6);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void The_percentile_is_what_99_of_100_do_not_exceed(int far, bool exceeds)
    {
        var (same, other) = (Of(0.5, 0.5), Of(0.25, 0.75));
        var tally = new EvaluationTally();
        for (var i = 0; i < 100; i++) tally.Add(same, i % 50 == 7 && i / 50 < far ? other : same, 0);
        Assert.Equal(exceeds, tally.Figures(tally).Divergence99 > 0.1);
    }

    private static Distribution Of(params double[] probabilities)
    {
        var distribution = new Distribution(probabilities.Length);
        Assert.True(distribution.TrySet([.. probabilities.Select(p => (float)Math.Log(p))]));
        return distribution;
    }
}
