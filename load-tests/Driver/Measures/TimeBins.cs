namespace StreamCore.LoadTests.Measures;

/// <summary>Amounts by the time at which they came.</summary>
internal sealed class TimeBins
{
    private const int MostPoints = 240;

    private static readonly TimeSpan Finest = TimeSpan.FromMilliseconds(250);

    private readonly List<double> _bins = [];

    public int Count => _bins.Count;

    /// <summary>The width of the points that so many bins are shown in.</summary>
    public static TimeSpan WidthOf(int bins) => Finest * Merged(bins);

    public void Add(TimeSpan at, double amount)
    {
        var index = (int)(at / Finest);
        while (_bins.Count <= index) _bins.Add(0);
        _bins[index] += amount;
    }

    /// <summary>Rates for a chart, with the bins joined until the points are few enough.</summary>
    public double[] PerSecond(int bins)
    {
        var merged = Merged(bins);
        return [.. Enumerable.Range(0, (bins + merged - 1) / merged)
            .Select(point => _bins.Skip(point * merged).Take(merged).Sum() / WidthOf(bins).TotalSeconds)];
    }

    private static int Merged(int bins) => Math.Max(1, (bins + MostPoints - 1) / MostPoints);
}
