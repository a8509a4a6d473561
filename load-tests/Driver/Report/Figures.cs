using System.Globalization;
using StreamCore.LoadTests.Measures;

namespace StreamCore.LoadTests.Report;

/// <summary>Figures as people read them.</summary>
internal static class Figures
{
    /// <summary>Three digits that count, no more.</summary>
    public static string Number(double value) => value.ToString(Math.Abs(value) switch
    {
        0 => "0",
        < 1 => "0.###",
        < 10 => "0.##",
        < 100 => "0.#",
        _ => "#,0",
    }, CultureInfo.InvariantCulture);

    /// <summary>The median, and the lowest and highest where there are several.</summary>
    public static string Text(Spread? spread) => spread switch
    {
        null => "",
        { } one when one.Min == one.Max => Number(one.Median),
        { } one => $"{Number(one.Median)} ({Number(one.Min)}–{Number(one.Max)})",
    };
}
