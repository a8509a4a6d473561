using System.Globalization;
using System.Xml.Linq;

namespace StreamCore.LoadTests.Report;

/// <summary>A line of a chart.</summary>
/// <param name="Colour">Number of the colour; lines of one server share it.</param>
internal sealed record ChartLine(string Name, int Colour, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Draws lines as SVG, both axes from zero.</summary>
/// <param name="TickText">What stands at a tick of the horizontal axis.</param>
internal sealed record LineChart(string Title, string YName, IReadOnlyList<double> XTicks, Func<double, string> TickText, IReadOnlyList<ChartLine> Lines)
{
    private const double Width = 460;
    private const double Height = 240;
    private const double Left = 56;
    private const double Right = 12;
    private const double Top = 12;
    private const double Bottom = 26;
    private const int YTicks = 4;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private double MostX => Math.Max(1e-9, Lines.SelectMany(line => line.Points).Select(point => point.X).Concat(XTicks).DefaultIfEmpty(1).Max());

    private double StepY => NiceStep(Lines.SelectMany(line => line.Points).Select(point => point.Y).DefaultIfEmpty(1).Max() / YTicks);

    public XElement Draw()
    {
        var svg = new XElement(Svg + "svg",
            new XAttribute("viewBox", Text($"0 0 {Width} {Height}")), new XAttribute("role", "img"), new XElement(Svg + "title", $"{Title}, {YName}"));
        for (var tick = 0; tick <= YTicks; tick++)
        {
            var y = Y(tick * StepY);
            svg.Add(Line(Left, y, Width - Right, y, "grid"), Label(Left - 6, y + 4, "end", Figures.Number(tick * StepY)));
        }

        foreach (var tick in XTicks) svg.Add(Line(X(tick), Height - Bottom, X(tick), Height - Bottom + 4, "axis"), Label(X(tick), Height - 8, "middle", TickText(tick)));
        svg.Add(Line(Left, Height - Bottom, Width - Right, Height - Bottom, "axis"));
        foreach (var line in Lines.Where(line => line.Points.Count > 0))
        {
            svg.Add(new XElement(Svg + "polyline",
                new XAttribute("class", Text($"line c{line.Colour % HtmlReport.Colours}")),
                new XAttribute("points", string.Join(' ', line.Points.Select(point => Text($"{X(point.X):0.#},{Y(point.Y):0.#}")))),
                new XElement(Svg + "title", line.Name)));
        }

        return svg;
    }

    /// <summary>The least of 1, 2, 2.5 or 5 with zeros that is not below.</summary>
    public static double NiceStep(double least)
    {
        if (!(least > 0)) return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return new[] { 1, 2, 2.5, 5, 10 }.First(factor => factor * power >= least * (1 - 1e-9)) * power;
    }

    private double X(double value) => Left + (value / MostX * (Width - Left - Right));

    private double Y(double value) => Height - Bottom - (value / (StepY * YTicks) * (Height - Top - Bottom));

    private static XElement Line(double x1, double y1, double x2, double y2, string kind) => new(Svg + "line",
        new XAttribute("x1", Text($"{x1:0.#}")), new XAttribute("y1", Text($"{y1:0.#}")), new XAttribute("x2", Text($"{x2:0.#}")), new XAttribute("y2", Text($"{y2:0.#}")),
        new XAttribute("class", kind));

    private static XElement Label(double x, double y, string anchor, string text) =>
        new(Svg + "text", new XAttribute("x", Text($"{x:0.#}")), new XAttribute("y", Text($"{y:0.#}")), new XAttribute("text-anchor", anchor), text);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
