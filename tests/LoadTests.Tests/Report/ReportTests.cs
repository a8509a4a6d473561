using System.Xml.Linq;
using StreamCore.LoadTests.Report;

namespace StreamCore.LoadTests.Tests.Report;

public sealed class ReportTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void The_page_is_well_formed_and_needs_nothing_else()
    {
        var html = HtmlReport.Render(Made.Bench(Made.Run("a & b", 0, 30), Made.Run("a & b", 1, 32), Made.Run("<c>", 0, 10), Made.Run("<c>", 1, 11)));
        var page = XDocument.Parse(html).Root!;
        Assert.DoesNotContain(page.Descendants(), element => element.Name.LocalName is "script" or "link" or "img");
        Assert.DoesNotContain(page.DescendantsAndSelf().Attributes(), attribute => !attribute.IsNamespaceDeclaration && attribute.Value.Contains("://", StringComparison.Ordinal));
        // Time, first token, between tokens and whole answer; a line for each round of each server.
        Assert.Equal(4, page.Descendants(Svg + "svg").Count());
        Assert.Equal(4 * 4, page.Descendants(Svg + "polyline").Count());
        Assert.Contains("a & b / <c>", page.Descendants("th").Select(cell => cell.Value));
    }

    [Fact]
    public void Every_point_lies_within_its_chart()
    {
        var page = XDocument.Parse(HtmlReport.Render(Made.Bench(Made.Run("a", 0, 30)))).Root!;
        var points = page.Descendants(Svg + "polyline").SelectMany(line => line.Attribute("points")!.Value.Split(' ')).Select(point => point.Split(','));
        Assert.All(points, point =>
        {
            Assert.InRange(double.Parse(point[0]), 0, 460);
            Assert.InRange(double.Parse(point[1]), 0, 240);
        });
    }

    [Theory]
    [InlineData(0.9, 1)]
    [InlineData(1, 1)]
    [InlineData(1.1, 2)]
    [InlineData(23, 25)]
    [InlineData(260, 500)]
    [InlineData(0.03, 0.05)]
    [InlineData(0, 1)]
    public void Ticks_stand_at_round_numbers(double least, double step) => Assert.Equal(step, LineChart.NiceStep(least), 1e-9);

    [Fact]
    public void The_table_names_the_format_beside_the_server_and_the_ratio_with_its_spread()
    {
        var text = MarkdownReport.Render(Made.Bench(Made.Run("a", 0, 30), Made.Run("a", 1, 33), Made.Run("b", 0, 10), Made.Run("b", 1, 10)));
        Assert.Contains("|  | a (int8) | b (int8) | a / b |", text, StringComparison.Ordinal);
        Assert.Contains("| answer tokens/s | 31.5 (30–33) | 10 | 3.15 (3–3.3) |", text, StringComparison.Ordinal);
        Assert.Contains("Errors of a: 2 status <429>.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Results_are_read_back_as_they_were_written()
    {
        var json = JsonReport.Write(Made.Bench(Made.Run("a", 0, 30)));
        Assert.Equal(json, JsonReport.Write(JsonReport.Read(json, "a.json")));
    }

    [Fact]
    public void Servers_of_one_name_are_told_apart_by_their_files()
    {
        var joined = JsonReport.Join([("before", Made.Bench(Made.Run("a", 0, 30), Made.Run("b", 0, 9))), ("after", Made.Bench(Made.Run("a", 0, 35)))]);
        Assert.Equal(["a, before", "b", "a, after"], joined.Runs.Select(run => run.Server));
    }

    [Fact]
    public void Runs_of_different_scenarios_are_not_joined() =>
        Assert.Throws<UsageException>(() => JsonReport.Join([("one", Made.Bench()), ("other", Made.Bench() with { Scenario = "chat1" })]));

    [Theory]
    [InlineData("{}")]
    [InlineData("nothing")]
    public void A_file_that_is_no_result_is_refused(string json) => Assert.Throws<UsageException>(() => JsonReport.Read(json, "x.json"));
}
