using System.Globalization;
using System.Text;
using StreamCore.HttpBench.Measures;

namespace StreamCore.HttpBench.Report;

/// <summary>The readings as markdown.</summary>
internal static class Table
{
    public static string Render(IReadOnlyList<IMeasure> measures, IReadOnlyList<Reading> readings, string before, string after)
    {
        var text = new StringBuilder().AppendLine("Before: " + before + ".").AppendLine("After: " + after + ".");
        foreach (var measure in measures)
        {
            text.AppendLine().AppendLine("## " + measure.Name).AppendLine().AppendLine(measure.Description).AppendLine();
            Readings(text, measure, readings);
            Ratios(text, measure, readings);
        }

        return text.ToString();
    }

    /// <summary>Three or four digits that count.</summary>
    public static string Number(double value) => value.ToString(Math.Abs(value) < 100 ? "0.00" : "N0", CultureInfo.InvariantCulture);

    private static void Readings(StringBuilder text, IMeasure measure, IReadOnlyList<Reading> readings)
    {
        text.AppendLine("| metric | peer | median | min | max |").AppendLine("| --- | --- | --- | --- | --- |");
        var names = measure.Variants.Select(v => v.Name).ToList();
        var groups = readings.Where(r => r.Measure == measure.Name).GroupBy(r => (r.Metric, r.Variant));
        foreach (var group in groups.OrderBy(g => g.Key.Metric, StringComparer.Ordinal).ThenBy(g => names.IndexOf(g.Key.Variant)))
            Line(text, [group.Key.Metric, group.Key.Variant], Spread.Of(group.Select(r => r.Value)));
    }

    private static void Ratios(StringBuilder text, IMeasure measure, IReadOnlyList<Reading> readings)
    {
        text.AppendLine().AppendLine("| ratio of | peers | median | min | max | aim |").AppendLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var comparison in measure.Comparisons)
        {
            var ratio = Ratio.Of(comparison, readings);
            var aim = comparison.Aim is not { } wanted ? "" : wanted.IsMetBy(ratio.Median) ? $"{wanted}" : $"{wanted}: **missed**";
            Line(text, [comparison.Metric, $"{comparison.Of} / {comparison.To}"], ratio, aim);
        }
    }

    private static void Line(StringBuilder text, string[] names, Spread spread, params string[] more) =>
        text.Append("| ").AppendJoin(" | ", [.. names, Number(spread.Median), Number(spread.Min), Number(spread.Max), .. more]).AppendLine(" |");
}
