using System.Globalization;
using System.Xml.Linq;
using StreamCore.LoadTests.Measures;

namespace StreamCore.LoadTests.Report;

/// <summary>One page that needs nothing else: tables, and charts drawn as SVG. It is well-formed XML, too.</summary>
internal static class HtmlReport
{
    /// <summary>Colours that lines can have.</summary>
    public const int Colours = 6;

    private const string Style = """
        :root { color-scheme: light dark; --text: #1d2129; --soft: #667085; --rule: #e4e7ec; --back: #ffffff; --card: #f9fafb; }
        @media (prefers-color-scheme: dark) { :root { --text: #e6e9ef; --soft: #98a2b3; --rule: #344054; --back: #14171c; --card: #1b1f26; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
        h1, h2 { line-height: 1.2; font-weight: 600; } h2 { margin-top: 2.5rem; }
        p.soft, figcaption { color: var(--soft); }
        div.wide { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: .25rem .75rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
        th:first-child, td:first-child { text-align: left; padding-left: 0; }
        div.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 1rem; margin-top: 1rem; }
        figure { margin: 0; padding: .75rem; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
        svg { display: block; width: 100%; height: auto; } svg text { font-size: 11px; fill: var(--soft); }
        .grid { stroke: var(--rule); } .axis { stroke: var(--soft); } .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
        .c0 { stroke: #2e72d2; background: #2e72d2; } .c1 { stroke: #d9730d; background: #d9730d; } .c2 { stroke: #2f9e67; background: #2f9e67; }
        .c3 { stroke: #b4468f; background: #b4468f; } .c4 { stroke: #8a6d1f; background: #8a6d1f; } .c5 { stroke: #6a5acd; background: #6a5acd; }
        i.key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .4em; }
        """;

    public static string Render(BenchResult result)
    {
        var comparison = new Comparison(result.Runs);
        var page = new XElement("html", new XAttribute("lang", "en"),
            new XElement("head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width")),
                new XElement("title", result.Scenario),
                new XElement("style", Style)),
            new XElement("body",
                new XElement("h1", result.Scenario),
                new XElement("p", result.About),
                Legend(comparison),
                Soft($"{result.At.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC. Before: {result.Before}. After: {result.After}. Prompt lengths: {result.PromptLengths}."),
                comparison.Loads.Select(load => Section(comparison, load)),
                Uses(comparison)));
        return "<!DOCTYPE html>\n" + page.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    private static XElement Legend(Comparison comparison) => new("p", comparison.Servers.Select((server, colour) => new object[]
    {
        new XElement("i", new XAttribute("class", string.Create(CultureInfo.InvariantCulture, $"key c{colour % Colours}")), ""),
        $"{server} ({comparison.FormatOf(server)})   ",
    }));

    private static XElement[] Section(Comparison comparison, string load) =>
    [
        new("h2", load),
        new("div", new XAttribute("class", "wide"), Table(comparison, load)),
        Errors(comparison, load),
        new("div", new XAttribute("class", "charts"), Charts.Of(comparison, load).Select(chart =>
            new XElement("figure", new XElement("figcaption", $"{chart.Title} ({chart.YName})"), chart.Draw()))),
    ];

    private static XElement Table(Comparison comparison, string load)
    {
        var others = comparison.Servers.Skip(1).ToArray();
        return new("table",
            Row("th", ["", .. comparison.Servers, .. others.Select(other => $"{comparison.Servers[0]} / {other}")]),
            from metric in Metric.All
            let values = comparison.Servers.Select(server => comparison.Values(metric, load, server)).ToArray()
            where values.Any(value => value is not null)
            select Row("td", [metric.Name, .. values.Select(Figures.Text),
                .. others.Select(other => metric.MoreIsBetter is null ? "" : Figures.Text(comparison.Ratios(metric, load, other)))]));
    }

    private static XElement Row(string cell, IEnumerable<string> texts) => new("tr", texts.Select(text => new XElement(cell, text)));

    private static XElement Errors(Comparison comparison, string load)
    {
        var kinds = from server in comparison.Servers
                    from result in comparison.ResultsOf(server, load)
                    from error in result.Errors
                    group error.Value by $"{server}: {error.Key}" into kind
                    select $"{kind.Sum()} × {kind.Key}";
        return Soft(kinds.ToArray() is { Length: > 0 } all ? "Errors: " + string.Join(", ", all) : "No errors.");
    }

    private static IEnumerable<XElement> Uses(Comparison comparison)
    {
        yield return new("h2", "What it took");
        foreach (var server in comparison.Servers) yield return Soft(ResourceUse.Describe(server, [.. comparison.RunsOf(server)]));
        yield return Soft("Each line is a round. Figures are medians over rounds, with the lowest and highest; a ratio is taken within a round. "
            + "Latencies count from the moment a request was meant to be sent.");
    }

    private static XElement Soft(string text) => new("p", new XAttribute("class", "soft"), text);
}
