using StreamCore.LoadTests.Measures;

namespace StreamCore.LoadTests.Report;

/// <summary>What driver and server used, in a sentence.</summary>
internal static class ResourceUse
{
    public static string Describe(string server, IReadOnlyList<RunResult> runs)
    {
        var text = $"{server}: the driver used {Figures.Text(Spread.Of(runs.Select(run => (double?)run.Driver.Cores)))} cores";
        return Spread.Of(runs.Select(run => (double?)run.ServerUse?.PeakBytes / 1e6)) is { } memory
            ? $"{text}; the server at most {Figures.Text(memory)} MB, and {Figures.Text(Spread.Of(runs.Select(run => run.ServerUse?.CpuSeconds)))} CPU-seconds with its start."
            : text + ".";
    }
}
