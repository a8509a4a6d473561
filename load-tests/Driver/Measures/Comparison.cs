namespace StreamCore.LoadTests.Measures;

/// <summary>Puts the runs of several servers side by side.</summary>
internal sealed class Comparison
{
    private readonly ILookup<string, RunResult> _runs;

    public Comparison(IReadOnlyList<RunResult> runs)
    {
        _runs = runs.ToLookup(run => run.Server);
        Servers = [.. runs.Select(run => run.Server).Distinct()];
        Loads = [.. runs.SelectMany(run => run.Loads).Select(load => load.Name).Distinct()];
    }

    /// <summary>In the order in which they were named; the first is compared with each of the others.</summary>
    public IReadOnlyList<string> Servers { get; }

    public IReadOnlyList<string> Loads { get; }

    public string FormatOf(string server) => string.Join(", ", _runs[server].Select(run => run.Format).Distinct());

    public IEnumerable<RunResult> RunsOf(string server) => _runs[server];

    /// <summary>The results of one load, a round each.</summary>
    public IEnumerable<LoadResult> ResultsOf(string server, string load) => _runs[server].SelectMany(run => run.Loads).Where(result => result.Name == load);

    public Spread? Values(Metric metric, string load, string server) => Spread.Of(ResultsOf(server, load).Select(metric.Of));

    /// <summary>The first server's figures divided by another's, each pair of one round.</summary>
    public Spread? Ratios(Metric metric, string load, string other) => Spread.Of(
        from mine in _runs[Servers[0]]
        join theirs in _runs[other] on mine.Round equals theirs.Round
        let ratio = Value(metric, load, mine) / Value(metric, load, theirs)
        where ratio is { } number && double.IsFinite(number)
        select ratio);

    private static double? Value(Metric metric, string load, RunResult run) => run.Loads.FirstOrDefault(one => one.Name == load) is { } result ? metric.Of(result) : null;
}
