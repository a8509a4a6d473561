using StreamCore.LoadTests.Measures;

namespace StreamCore.LoadTests.Tests.Measures;

public sealed class ComparisonTests
{
    private static readonly Metric Rate = Metric.All.First(metric => metric.Name == "answer tokens/s");

    [Fact]
    public void A_ratio_is_taken_within_a_round()
    {
        // The machine was twice as fast in the second round: ratios over rounds would say otherwise.
        var comparison = new Comparison([Made.Run("a", 0, 30), Made.Run("a", 1, 60), Made.Run("a", 2, 36), Made.Run("b", 2, 12), Made.Run("b", 1, 20), Made.Run("b", 0, 10)]);
        Assert.Equal(["a", "b"], comparison.Servers);
        Assert.Equal(new Spread(3, 3, 3), comparison.Ratios(Rate, "load", "b"));
        Assert.Equal(new Spread(36, 30, 60), comparison.Values(Rate, "load", "a"));
    }

    [Fact]
    public void A_round_that_the_other_lacks_gives_no_ratio() =>
        Assert.Null(new Comparison([Made.Run("a", 0, 30), Made.Run("b", 1, 10)]).Ratios(Rate, "load", "b"));

    [Fact]
    public void The_median_of_an_even_number_lies_between() => Assert.Equal(new Spread(2.5, 1, 4), Spread.Of([4, 1, null, 3, 2]));
}
