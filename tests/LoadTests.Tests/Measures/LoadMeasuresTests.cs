using System.Diagnostics;
using StreamCore.LoadTests.Client;
using StreamCore.LoadTests.Measures;
using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Tests.Measures;

public sealed class LoadMeasuresTests
{
    private static readonly Goal Patient = new() { FirstToken = TimeSpan.FromMilliseconds(300), PerToken = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public void Latencies_count_from_the_intended_moment_of_sending()
    {
        var result = Measure(Answer(intended: 100, sent: 350, arrivals: [400, 420, 460], end: 500));
        Near(300, result.FirstToken!.Max);
        Near(400, result.Total!.Max);
        Near(250, result.Lateness!.Max);
    }

    [Fact]
    public void Gaps_between_events_and_the_pace_by_tokens_are_told_apart()
    {
        // Five tokens in three events: two of them held a part of a character back.
        var result = Measure(Answer(0, 0, [100, 120, 180], 180, tokens: 5));
        Assert.Equal(2, result.InterToken!.Count);
        Near(60, result.InterToken.Max);
        Near(20, result.PerToken!.Max);
    }

    [Fact]
    public void Rates_are_by_the_time_to_the_last_answer()
    {
        var result = Measure(Answer(0, 0, [100, 1000], 1000, tokens: 20), Answer(500, 500, [600, 2000], 2000, tokens: 40));
        Assert.Equal((2.0, 30.0, 10.0, 1.0), (result.Seconds, result.TokensPerSecond, result.PromptTokensPerSecond, result.AnswersPerSecond));
    }

    [Fact]
    public void Failed_requests_are_in_no_latency_but_in_the_errors_and_against_the_goal()
    {
        var failed = Answer(0, 0, [], 5000);
        failed.Error = "status 429";
        var result = Measure(failed, Answer(0, 0, [100, 120], 120, tokens: 2));
        Assert.Equal((2, 1, 1), (result.Requests, result.Answered, result.Errors["status 429"]));
        Assert.Equal((1, 0.5), (result.Total!.Count, result.GoodShare));
    }

    [Theory]
    [InlineData(290, 390, 1)]
    [InlineData(310, 410, 0)]
    [InlineData(290, 600, 0)]
    public void An_answer_is_good_when_it_keeps_every_bound(long first, long last, double share) =>
        Assert.Equal(share, Measure(Answer(0, 0, [first, last], last, tokens: 3)).GoodShare);

    [Fact]
    public void Aborted_requests_count_to_their_first_token_but_not_as_answers()
    {
        var aborted = Answer(0, 0, [100, 120], 120, tokens: 2);
        aborted.Aborted = true;
        var result = Measure(aborted);
        Assert.Equal((1, 0, 1), (result.Requests, result.Answered, result.Aborted));
        Assert.Equal((1, null, null), (result.FirstToken!.Count, result.Total, result.GoodShare));
    }

    [Fact]
    public void The_series_holds_every_token()
    {
        var result = Measure(Answer(0, 0, [100, 400, 10_000], 10_000, tokens: 9), Answer(0, 0, [], 700, tokens: 4));
        Assert.Equal(13, result.Series.TokensPerSecond.Sum() * result.Series.BinSeconds, 1e-9);
        Assert.Equal(2, result.Series.AnswersPerSecond.Sum() * result.Series.BinSeconds, 1e-9);
    }

    [Fact]
    public void A_long_series_is_drawn_with_few_points_and_loses_nothing()
    {
        var bins = new TimeBins();
        for (var second = 0; second < 3600; second++) bins.Add(TimeSpan.FromSeconds(second), 5);
        var points = bins.PerSecond(bins.Count);
        Assert.InRange(points.Length, 120, 240);
        Assert.Equal(18_000, points.Sum() * TimeBins.WidthOf(bins.Count).TotalSeconds, 1e-6);
    }

    private static LoadResult Measure(params RequestRecord[] records)
    {
        var measures = new LoadMeasures(Patient);
        foreach (var record in records) measures.Add(record, At(0));
        return measures.Result("load", 1);
    }

    private static RequestRecord Answer(long intended, long sent, long[] arrivals, long end, int tokens = 0)
    {
        var record = new RequestRecord { Intended = At(intended), Sent = At(sent), End = At(end), PromptTokens = 10, CompletionTokens = tokens };
        record.Arrivals.AddRange(arrivals.Select(At));
        return record;
    }

    /// <summary>A reading of the clock so many milliseconds after some moment.</summary>
    private static long At(long milliseconds) => (1_000_000 + milliseconds) * Stopwatch.Frequency / 1000;

    /// <summary>The histogram keeps three digits.</summary>
    private static void Near(double expected, double actual) => Assert.InRange(actual, expected * 0.999, expected * 1.001);
}
