namespace StreamCore.LoadTests.Measures;

/// <summary>A figure of a load, as tables and ratios show it.</summary>
/// <param name="MoreIsBetter">Null where neither is.</param>
internal sealed record Metric(string Name, bool? MoreIsBetter, Func<LoadResult, double?> Of)
{
    public static IReadOnlyList<Metric> All { get; } =
    [
        new("answer tokens/s", true, load => load.TokensPerSecond),
        new("prompt tokens/s", true, load => load.PromptTokensPerSecond),
        new("answers/s", true, load => load.AnswersPerSecond),
        new("good answers/s", true, load => load.GoodPerSecond),
        new("share of good answers", true, load => load.GoodShare),
        .. Latencies("first token", load => load.FirstToken),
        .. Latencies("inter-token", load => load.InterToken),
        .. Latencies("per token", load => load.PerToken),
        .. Latencies("whole answer", load => load.Total),
        new("sent late by the driver p99, ms", false, load => load.Lateness?.P99),
        new("requests", null, load => load.Requests),
        new("errors", false, load => load.Errors.Values.Sum()),
        new("aborted as planned", null, load => load.Aborted),
        new("prompt tokens", null, load => load.PromptTokens),
        new("answer tokens", null, load => load.CompletionTokens),
    ];

    private static IEnumerable<Metric> Latencies(string name, Func<LoadResult, Latency?> of) =>
    [
        new(name + " p50, ms", false, load => of(load)?.P50), new(name + " p90, ms", false, load => of(load)?.P90),
        new(name + " p99, ms", false, load => of(load)?.P99), new(name + " max, ms", false, load => of(load)?.Max),
    ];
}
