using StreamCore.LoadTests.Loops;
using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Tests.Loops;

public sealed class ArrivalTimesTests
{
    private const int Count = 20_000;

    [Fact]
    public void A_fixed_rate_has_even_gaps_and_does_not_drift()
    {
        var times = Take("fixed", 3).ToArray();
        Assert.Equal(TimeSpan.Zero, times[0]);
        Assert.Equal(TimeSpan.FromSeconds((Count - 1) / 3.0), times[^1]);
        Assert.All(Gaps(times), gap => Assert.InRange(gap, 1 / 3.0 - 1e-6, 1 / 3.0 + 1e-6));
    }

    [Fact]
    public void Poisson_arrivals_have_the_rate_as_their_mean_and_exponential_gaps()
    {
        var gaps = Gaps([.. Take("poisson", 50)]);
        Assert.InRange(gaps.Average(), 0.0195, 0.0205);
        // Exponential: a share of 1/e of all gaps is longer than the mean, and 1/e² than twice the mean.
        Assert.InRange(gaps.Count(gap => gap > 0.02) / (double)Count, 0.355, 0.38);
        Assert.InRange(gaps.Count(gap => gap > 0.04) / (double)Count, 0.125, 0.145);
    }

    [Fact]
    public void The_same_seed_gives_the_same_arrivals() => Assert.Equal(Take("poisson", 5), Take("poisson", 5));

    private static IEnumerable<TimeSpan> Take(string arrivals, double rate) =>
        ArrivalTimes.Of(new Load { Arrivals = arrivals, Rate = rate }, new Random(1)).Take(Count);

    private static double[] Gaps(TimeSpan[] times) => [.. times.Zip(times.Skip(1), (one, next) => (next - one).TotalSeconds)];
}
