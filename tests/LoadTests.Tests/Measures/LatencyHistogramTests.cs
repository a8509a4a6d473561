using StreamCore.LoadTests.Measures;

namespace StreamCore.LoadTests.Tests.Measures;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Percentiles_are_those_of_the_sorted_values_to_three_digits()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 10_000).Select(_ => Math.Exp(random.NextDouble() * 12)).ToArray();
        var histogram = new LatencyHistogram();
        foreach (var value in values) histogram.Add(TimeSpan.FromMilliseconds(value));
        Array.Sort(values);
        var latency = histogram.Result()!;
        Assert.Equal(10_000, latency.Count);
        foreach (var (expected, actual) in new[] { (values[4999], latency.P50), (values[8999], latency.P90), (values[9899], latency.P99), (values[^1], latency.Max) })
            Assert.InRange(actual, expected * 0.998, expected * 1.002);
        Assert.InRange(latency.Mean, values.Average() * 0.998, values.Average() * 1.002);
    }

    [Fact]
    public void A_curve_shows_no_percentile_that_so_few_values_cannot_tell()
    {
        var histogram = new LatencyHistogram();
        for (var i = 1; i <= 50; i++) histogram.Add(TimeSpan.FromMilliseconds(i));
        var curve = histogram.Result()!.Curve;
        Assert.Equal([97, 98, 100], curve.Select(point => point.Percentile).TakeLast(3));
        Assert.Equal(curve.Select(point => point.Milliseconds).Order(), curve.Select(point => point.Milliseconds));
    }

    [Fact]
    public void Nothing_added_gives_no_latency() => Assert.Null(new LatencyHistogram().Result());
}
