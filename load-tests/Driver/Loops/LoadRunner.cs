using System.Diagnostics;
using StreamCore.LoadTests.Client;
using StreamCore.LoadTests.Measures;
using StreamCore.LoadTests.Prompts;
using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Loops;

/// <summary>Puts one load on a server.</summary>
internal sealed class LoadRunner
{
    /// <summary>What a client of a closed loop waits after an error, so that a server that is down is not stormed.</summary>
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(100);

    private readonly OpenAiClient _client;
    private readonly RequestPlanner _planner;
    private readonly Stage _stage;
    private readonly Load _load;
    private readonly (PlannedRequest, ReadOnlyMemory<byte>)[] _first;

    public LoadRunner(OpenAiClient client, RequestPlanner planner, Stage stage, Load load, Goal? goal)
    {
        (_client, _planner, _stage, _load) = (client, planner, stage, load);
        Measures = new LoadMeasures(goal);
        // Made before the start, so that clients who begin together do.
        _first = [.. Enumerable.Range(0, load.Clients ?? 0).Select(Prepare)];
    }

    public LoadMeasures Measures { get; }

    /// <summary>Runs to the end of the load, and until all answers are there.</summary>
    /// <param name="start">Reading of the monotonic clock at the start of the stage.</param>
    /// <param name="until">Ends the sending.</param>
    public Task RunAsync(long start, CancellationToken until) => _load.Clients is { } clients
        ? Task.WhenAll(Enumerable.Range(0, clients).Select(client => ClosedAsync(client, clients, start, until)))
        : OpenAsync(start, until);

    private async Task OpenAsync(long start, CancellationToken until)
    {
        var running = new List<Task>();
        foreach (var offset in ArrivalTimes.Of(_load, _planner.Random($"{_stage.Name}/{_load.Name}/arrivals")))
        {
            if (running.Count == _load.Requests || offset >= _load.Duration) break;
            var (request, body) = Prepare(running.Count);
            var due = start + Ticks(offset);
            if (!await WaitAsync(due, until)) break;
            running.Add(SendAsync(request, body, start, due));
        }

        await Task.WhenAll(running);
    }

    private async Task ClosedAsync(int client, int clients, long start, CancellationToken until)
    {
        var thinking = _planner.Random($"{_stage.Name}/{_load.Name}/thinking/{client}");
        var due = start + Ticks(_load.RampUp * client / clients);
        for (var turn = 0; turn != _load.Requests; turn++)
        {
            if (Stopwatch.GetElapsedTime(start, due) >= _load.Duration) return;
            var (request, body) = turn == 0 ? _first[client] : Prepare((turn * clients) + client);
            if (!await WaitAsync(due, until)) return;
            var record = await SendAsync(request, body, start, due);
            due = record.End + Ticks(TimeSpan.FromMilliseconds(_load.ThinkTime.Draw(thinking)) + (record.Error is null ? TimeSpan.Zero : PauseAfterError));
        }
    }

    private async Task<RequestRecord> SendAsync(PlannedRequest request, ReadOnlyMemory<byte> body, long start, long due)
    {
        var record = await _client.SendAsync(request, body, due);
        Measures.Add(record, start);
        return record;
    }

    private (PlannedRequest, ReadOnlyMemory<byte>) Prepare(int number)
    {
        var request = _planner.Plan(_stage, _load, number);
        return (request, _client.Body(request));
    }

    /// <summary>False when the load was ended meanwhile. The runtime's timers tick in milliseconds: being late by one is in the latency, since that counts from the due time.</summary>
    private static async ValueTask<bool> WaitAsync(long due, CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (left <= TimeSpan.Zero) return true;
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), until).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
