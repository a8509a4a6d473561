namespace StreamCore.LoadTests.Measures;

/// <summary>Latencies of one kind, in milliseconds.</summary>
internal sealed record Latency(long Count, double Mean, double P50, double P90, double P99, double Max, IReadOnlyList<CurvePoint> Curve);

/// <summary>A point of a percentile curve.</summary>
internal readonly record struct CurvePoint(double Percentile, double Milliseconds);

/// <summary>What came in each stretch of time since the start of the stage.</summary>
internal sealed record Series(double BinSeconds, IReadOnlyList<double> TokensPerSecond, IReadOnlyList<double> AnswersPerSecond);

/// <summary>What one load gave.</summary>
/// <param name="Clients">Of a closed loop; 0 for an open one.</param>
/// <param name="Seconds">From the start of the stage to the end of the load's last answer; what is per second is divided by it.</param>
/// <param name="Requests">All that were sent: answered, aborted as planned, or failed.</param>
/// <param name="Errors">How many requests failed, by kind.</param>
/// <param name="GoodShare">Share of the requests not aborted that kept the goal, failed ones counted as not; null without a goal.</param>
/// <param name="FirstToken">From the intended sending to the first text. Streams only.</param>
/// <param name="InterToken">Between one event with text and the next.</param>
/// <param name="PerToken">One value an answer: from its first text to its last, by the tokens between.</param>
/// <param name="Total">From the intended sending to the end of the answer; aborted ones are not in it.</param>
/// <param name="Lateness">What the driver was late in sending: its own fault, and included in the others.</param>
internal sealed record LoadResult(
    string Name, int Clients, double Seconds, int Requests, int Answered, int Aborted, IReadOnlyDictionary<string, int> Errors,
    long PromptTokens, long CompletionTokens, double PromptTokensPerSecond, double TokensPerSecond, double AnswersPerSecond,
    double? GoodShare, double? GoodPerSecond,
    Latency? FirstToken, Latency? InterToken, Latency? PerToken, Latency? Total, Latency? Lateness, Series Series);

/// <summary>What the driver itself used while it measured.</summary>
internal sealed record DriverUse(double CpuSeconds, double Seconds)
{
    /// <summary>Processors in use, on average.</summary>
    public double Cores => Seconds > 0 ? CpuSeconds / Seconds : 0;
}

/// <summary>What a server that the driver started used, from its start to its end or the end of the round.</summary>
internal sealed record ServerUse(double CpuSeconds, long PeakBytes);

/// <summary>A scenario run once against one server.</summary>
/// <param name="Format">Of the weights, as far as it is known.</param>
internal sealed record RunResult(string Server, string Format, int Round, IReadOnlyList<LoadResult> Loads, DriverUse Driver, ServerUse? ServerUse);

/// <summary>All that a report is made of.</summary>
/// <param name="PromptLengths">Who counted the prompts' tokens.</param>
/// <param name="Before">The machine at the start.</param>
/// <param name="After">The machine at the end.</param>
internal sealed record BenchResult(
    string Scenario, string About, string PromptLengths, DateTimeOffset At, string Before, string After, IReadOnlyList<RunResult> Runs);
