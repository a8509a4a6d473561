using StreamCore.HttpBench.Measures;

namespace StreamCore.HttpBench.Report;

/// <summary>Ratios of readings, each taken within one round.</summary>
internal static class Ratio
{
    public static Spread Of(Comparison comparison, IReadOnlyList<Reading> readings) =>
        Spread.Of(Values(comparison.Metric, comparison.Of, readings).Zip(Values(comparison.Metric, comparison.To, readings), (of, to) => of / to));

    private static IEnumerable<double> Values(string metric, string variant, IReadOnlyList<Reading> readings) =>
        readings.Where(r => r.Metric == metric && r.Variant == variant).OrderBy(r => r.Round).Select(r => r.Value);
}
