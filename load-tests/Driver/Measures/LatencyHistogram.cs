using HdrHistogram;

namespace StreamCore.LoadTests.Measures;

/// <summary>Latencies, kept to three digits from a microsecond to three hours.</summary>
internal sealed class LatencyHistogram
{
    private const long MostMicroseconds = 3L * 3600 * 1_000_000;
    private const int Digits = 3;

    /// <summary>Where a percentile curve is drawn: dense towards the end, where servers differ.</summary>
    private static readonly double[] CurvePercentiles =
        [0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92, 94, 95, 96, 97, 98, 98.5, 99, 99.3, 99.5, 99.7, 99.9, 99.95, 99.99, 100];

    private readonly LongHistogram _histogram = new(MostMicroseconds, Digits);

    public void Add(TimeSpan latency) => _histogram.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 0, MostMicroseconds));

    /// <summary>Null when nothing was added. Percentiles that so few values cannot tell from the greatest are left out of the curve.</summary>
    public Latency? Result() => _histogram.TotalCount == 0 ? null : new Latency(
        _histogram.TotalCount, _histogram.GetMean() / 1000, At(50), At(90), At(99), At(100),
        [.. CurvePercentiles.Where(p => p is 0 or 100 || (100 - p) / 100 * _histogram.TotalCount >= 1).Select(p => new CurvePoint(p, At(p)))]);

    private double At(double percentile) => _histogram.GetValueAtPercentile(percentile) / 1000.0;
}
