namespace StreamCore.LoadTests.Measures;

/// <summary>The middle and the ends of some figures.</summary>
internal readonly record struct Spread(double Median, double Min, double Max)
{
    /// <summary>Null of none.</summary>
    public static Spread? Of(IEnumerable<double?> values)
    {
        var sorted = values.OfType<double>().Order().ToArray();
        if (sorted.Length == 0) return null;
        var middle = sorted.Length / 2;
        return new((sorted[middle] + sorted[(sorted.Length - 1) / 2]) / 2, sorted[0], sorted[^1]);
    }
}
