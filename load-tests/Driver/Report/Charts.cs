using System.Globalization;
using StreamCore.LoadTests.Measures;

namespace StreamCore.LoadTests.Report;

/// <summary>The charts of one load: a line for each round of each server.</summary>
internal static class Charts
{
    private static readonly double[] Percentiles = [0, 50, 90, 99, 99.9, 99.99];

    public static IEnumerable<LineChart> Of(Comparison comparison, string load)
    {
        yield return Time(comparison, load);
        if (Curve("Time to first token", comparison, load, result => result.FirstToken) is { } first) yield return first;
        if (Curve("Between tokens", comparison, load, result => result.InterToken) is { } inter) yield return inter;
        if (Curve("Whole answer", comparison, load, result => result.Total) is { } total) yield return total;
    }

    private static LineChart Time(Comparison comparison, string load)
    {
        var lines = Lines(comparison, load, result => [.. result.Series.TokensPerSecond.Select((rate, i) => ((i + 0.5) * result.Series.BinSeconds, rate))]);
        var longest = lines.SelectMany(line => line.Points).Select(point => point.X).DefaultIfEmpty(1).Max();
        var step = LineChart.NiceStep(longest / 6);
        return new("Answer tokens a second, by time", "tokens/s", [.. Enumerable.Range(0, (int)(longest / step) + 1).Select(i => i * step)],
            tick => Figures.Number(tick) + " s", lines);
    }

    /// <summary>The horizontal axis stretches the end: each nine more takes as much room.</summary>
    private static LineChart? Curve(string title, Comparison comparison, string load, Func<LoadResult, Latency?> of)
    {
        var lines = Lines(comparison, load, result => of(result) is { } latency ? Stretched(latency) : []);
        var end = lines.SelectMany(line => line.Points).Select(point => point.X).DefaultIfEmpty(0).Max();
        if (end == 0) return null;
        return new(title + ", by percentile", "ms", [.. Percentiles.Select(Nines).Where(x => x <= end)],
            tick => "p" + (100 - (100 / Math.Pow(10, tick))).ToString("0.##", CultureInfo.InvariantCulture), lines);
    }

    /// <summary>The greatest value stands where its percentile would be among so many.</summary>
    private static IReadOnlyList<(double X, double Y)> Stretched(Latency latency) =>
        [.. latency.Curve.Select(point => (Nines(point.Percentile < 100 ? point.Percentile : 100 - (50.0 / latency.Count)), point.Milliseconds))];

    private static double Nines(double percentile) => -Math.Log10((100 - percentile) / 100);

    private static List<ChartLine> Lines(Comparison comparison, string load, Func<LoadResult, IReadOnlyList<(double X, double Y)>> points) =>
        [.. comparison.Servers.SelectMany((server, colour) => comparison.RunsOf(server).SelectMany(run => run.Loads.Where(result => result.Name == load)
            .Select(result => new ChartLine(string.Create(CultureInfo.InvariantCulture, $"{server}, round {run.Round + 1}"), colour, points(result)))))];
}
