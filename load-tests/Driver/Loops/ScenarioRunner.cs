using System.Diagnostics;
using StreamCore.LoadTests.Client;
using StreamCore.LoadTests.Measures;
using StreamCore.LoadTests.Prompts;
using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Loops;

/// <summary>Runs a scenario once against one server.</summary>
internal sealed class ScenarioRunner(Scenario scenario, OpenAiClient client, RequestPlanner planner)
{
    public async Task<(IReadOnlyList<LoadResult> Loads, DriverUse Driver)> RunAsync(Action<string> entering)
    {
        entering("warm-up");
        await WarmUpAsync();
        using var driver = Process.GetCurrentProcess();
        var (cpu, began) = (driver.TotalProcessorTime, Stopwatch.GetTimestamp());
        var results = new List<LoadResult>();
        foreach (var stage in scenario.Stages)
        {
            entering(stage.Name);
            results.AddRange(await RunAsync(stage));
        }

        driver.Refresh();
        return (results, new((driver.TotalProcessorTime - cpu).TotalSeconds, Stopwatch.GetElapsedTime(began).TotalSeconds));
    }

    /// <exception cref="UsageException">No request was answered: measuring would tell nothing.</exception>
    private async Task WarmUpAsync()
    {
        var requests = planner.WarmUp().ToArray();
        if (requests.Length == 0) return;
        var records = await Task.WhenAll(requests.Select(request => client.SendAsync(request, client.Body(request), Stopwatch.GetTimestamp())));
        if (records.All(record => record.Error is not null))
            throw new UsageException($"Every request of the warm-up failed: {string.Join(", ", records.Select(record => record.Refusal is null ? record.Error : $"{record.Error} ({record.Refusal})").Distinct())}.");
    }

    private async Task<IEnumerable<LoadResult>> RunAsync(Stage stage)
    {
        var runners = stage.Loads.Select(load => (Load: load, Runner: new LoadRunner(client, planner, stage, load, scenario.Goal), Ended: new CancellationTokenSource())).ToArray();
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(runners.Select(async one =>
        {
            await one.Runner.RunAsync(start, runners.FirstOrDefault(other => other.Load.Name == one.Load.Until).Ended?.Token ?? default);
            await one.Ended.CancelAsync();
        }));
        foreach (var one in runners) one.Ended.Dispose();
        return runners.Select(one => one.Runner.Measures.Result(
            scenario.Stages.Count == 1 && stage.Loads.Count == 1 ? one.Load.Name : $"{stage.Name}: {one.Load.Name}", one.Load.Clients ?? 0));
    }
}
