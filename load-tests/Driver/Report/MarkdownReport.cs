using System.Text;
using StreamCore.LoadTests.Measures;

namespace StreamCore.LoadTests.Report;

/// <summary>The results as markdown tables.</summary>
internal static class MarkdownReport
{
    public static string Render(BenchResult result)
    {
        var comparison = new Comparison(result.Runs);
        var text = new StringBuilder()
            .AppendLine($"# {result.Scenario}").AppendLine()
            .AppendLine(result.About).AppendLine()
            .AppendLine($"Before: {result.Before}. After: {result.After}. Prompt lengths: {result.PromptLengths}.");
        foreach (var load in comparison.Loads)
        {
            text.AppendLine().AppendLine($"## {load}").AppendLine();
            Row(text, ["", .. comparison.Servers.Select(server => $"{server} ({comparison.FormatOf(server)})"), .. Others(comparison).Select(other => $"{comparison.Servers[0]} / {other}")]);
            Row(text, Enumerable.Repeat("---", 1 + comparison.Servers.Count + Others(comparison).Count()));
            foreach (var metric in Metric.All.Where(metric => comparison.Servers.Any(server => comparison.Values(metric, load, server) is not null)))
            {
                Row(text, [metric.Name,
                    .. comparison.Servers.Select(server => Figures.Text(comparison.Values(metric, load, server))),
                    .. Others(comparison).Select(other => metric.MoreIsBetter is null ? "" : Figures.Text(comparison.Ratios(metric, load, other)))]);
            }

            foreach (var server in comparison.Servers) Errors(text, server, comparison.ResultsOf(server, load));
        }

        text.AppendLine();
        foreach (var server in comparison.Servers) text.AppendLine(ResourceUse.Describe(server, [.. comparison.RunsOf(server)]));
        return text.ToString();
    }

    private static IEnumerable<string> Others(Comparison comparison) => comparison.Servers.Skip(1);

    private static void Errors(StringBuilder text, string server, IEnumerable<LoadResult> results)
    {
        var kinds = results.SelectMany(result => result.Errors).GroupBy(error => error.Key).Select(kind => $"{kind.Sum(error => error.Value)} {kind.Key}").ToArray();
        if (kinds.Length > 0) text.AppendLine().AppendLine($"Errors of {server}: {string.Join(", ", kinds)}.");
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");
}
