using System.Diagnostics;
using StreamCore.LoadTests.Client;
using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Measures;

/// <summary>Gathers what one load's requests gave, each when it has ended.</summary>
internal sealed class LoadMeasures(Goal? goal)
{
    private readonly Lock _gate = new();
    private readonly LatencyHistogram _firstToken = new();
    private readonly LatencyHistogram _interToken = new();
    private readonly LatencyHistogram _perToken = new();
    private readonly LatencyHistogram _total = new();
    private readonly LatencyHistogram _lateness = new();
    private readonly TimeBins _tokens = new();
    private readonly TimeBins _answers = new();
    private readonly SortedDictionary<string, int> _errors = new(StringComparer.Ordinal);
    private int _requests;
    private int _aborted;
    private int _good;
    private long _promptTokens;
    private long _completionTokens;
    private TimeSpan _lastEnd;

    /// <param name="start">Reading of the monotonic clock at the start of the stage.</param>
    public void Add(RequestRecord record, long start)
    {
        lock (_gate)
        {
            _requests++;
            _lateness.Add(Stopwatch.GetElapsedTime(record.Intended, record.Sent));
            var end = Stopwatch.GetElapsedTime(start, record.End);
            if (end > _lastEnd) _lastEnd = end;
            if (record.Error is { } error)
            {
                _errors[error] = _errors.GetValueOrDefault(error) + 1;
                return;
            }

            _promptTokens += record.PromptTokens;
            _completionTokens += record.CompletionTokens;
            AddTokens(record, start);
            AddLatencies(record);
            if (record.Aborted) _aborted++;
            else _answers.Add(end, 1);
            if (!record.Aborted && goal is not null && IsGood(record, goal)) _good++;
        }
    }

    public LoadResult Result(string name, int clients)
    {
        lock (_gate)
        {
            var seconds = _lastEnd.TotalSeconds;
            var failed = _errors.Values.Sum();
            var answered = _requests - _aborted - failed;
            var bins = Math.Max(_tokens.Count, _answers.Count);
            return new(
                name, clients, seconds, _requests, answered, _aborted, _errors, _promptTokens, _completionTokens,
                Per(_promptTokens), Per(_completionTokens), Per(answered),
                goal is null || _requests == _aborted ? null : _good / (double)(_requests - _aborted), goal is null ? null : Per(_good),
                _firstToken.Result(), _interToken.Result(), _perToken.Result(), _total.Result(), _lateness.Result(),
                new(TimeBins.WidthOf(bins).TotalSeconds, _tokens.PerSecond(bins), _answers.PerSecond(bins)));

            double Per(double amount) => seconds > 0 ? amount / seconds : 0;
        }
    }

    /// <summary>What the server counted, spread over the events it came in: some hold more than one token, and some tokens show in none.</summary>
    private void AddTokens(RequestRecord record, long start)
    {
        if (record.Arrivals.Count == 0) _tokens.Add(Stopwatch.GetElapsedTime(start, record.End), record.CompletionTokens);
        foreach (var arrival in record.Arrivals)
            _tokens.Add(Stopwatch.GetElapsedTime(start, arrival), record.CompletionTokens / (double)record.Arrivals.Count);
    }

    private void AddLatencies(RequestRecord record)
    {
        if (!record.Aborted) _total.Add(Total(record));
        if (FirstToken(record) is { } first) _firstToken.Add(first);
        for (var i = 1; i < record.Arrivals.Count; i++) _interToken.Add(Stopwatch.GetElapsedTime(record.Arrivals[i - 1], record.Arrivals[i]));
        if (PerToken(record) is { } pace) _perToken.Add(pace);
    }

    private static bool IsGood(RequestRecord record, Goal goal) =>
        !(FirstToken(record) > goal.FirstToken) && !(PerToken(record) > goal.PerToken) && !(Total(record) > goal.Total);

    private static TimeSpan Total(RequestRecord record) => Stopwatch.GetElapsedTime(record.Intended, record.End);

    private static TimeSpan? FirstToken(RequestRecord record) =>
        record.Arrivals.Count == 0 ? null : Stopwatch.GetElapsedTime(record.Intended, record.Arrivals[0]);

    private static TimeSpan? PerToken(RequestRecord record) => record.Arrivals.Count < 2 || record.CompletionTokens < 2
        ? null
        : Stopwatch.GetElapsedTime(record.Arrivals[0], record.Arrivals[^1]) / (record.CompletionTokens - 1);
}
