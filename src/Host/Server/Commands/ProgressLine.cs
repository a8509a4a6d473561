using System.Globalization;
using StreamCore.Engines.Import;

namespace StreamCore.Server.Commands;

/// <summary>Shows how far an import or other long work is: one line that is written over, or a line each tenth where the output is not a terminal.</summary>
internal sealed class ProgressLine(string what) : IProgress<ImportProgress>, IProgress<double>
{
    private int _shown = -1;

    public void Report(ImportProgress value) => Report(value.Fraction);

    /// <param name="value">The share that is done.</param>
    public void Report(double value)
    {
        var percent = (int)(value * 100);
        var step = Console.IsErrorRedirected ? 10 : 1;
        if (percent / step == _shown / step && _shown >= 0) return;
        _shown = percent;
        var line = string.Create(CultureInfo.InvariantCulture, $"{what}: {percent,3} %");
        if (Console.IsErrorRedirected) Console.Error.WriteLine(line);
        else Console.Error.Write("\r" + line + (percent == 100 ? "\n" : ""));
    }
}
