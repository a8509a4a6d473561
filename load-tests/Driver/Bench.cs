using StreamCore.LoadTests.Client;
using StreamCore.LoadTests.Loops;
using StreamCore.LoadTests.Measures;
using StreamCore.LoadTests.Prompts;
using StreamCore.LoadTests.Report;
using StreamCore.LoadTests.Scenarios;
using StreamCore.LoadTests.Servers;

namespace StreamCore.LoadTests;

/// <summary>Runs a scenario against each target, in interleaved rounds.</summary>
internal sealed class Bench(Scenario scenario, IReadOnlyList<Target> targets, int rounds) : IAsyncDisposable
{
    private readonly Dictionary<Target, RunningServer> _kept = [];
    private PromptWriter? _writer;

    public async Task<BenchResult> RunAsync(TimeProvider time)
    {
        var (at, before) = (time.GetUtcNow(), Machine.Describe());
        var runs = new List<RunResult>();
        for (var round = 0; round < rounds; round++)
        {
            // In reverse order every second round, so that a drift of the machine's speed hits all alike.
            foreach (var target in round % 2 == 0 ? targets : targets.Reverse()) runs.Add(await RunAsync(target, round));
        }

        var ordered = runs.OrderBy(run => targets.Select(target => target.Name).ToList().IndexOf(run.Server)).ThenBy(run => run.Round);
        var lengths = _writer!.Measured ? "counted by the server's tokenizer" : "words, since the server has no /tokenize";
        return new(scenario.Name, scenario.About, lengths, at, before, Machine.Describe(), [.. ordered]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _kept.Values) await server.DisposeAsync();
    }

    private async Task<RunResult> RunAsync(Target target, int round)
    {
        if (!_kept.TryGetValue(target, out var server)) server = await target.StartAsync(scenario);
        if (scenario.Server == "kept") _kept[target] = server;
        try
        {
            using var client = new OpenAiClient(server.Url, target.Key, scenario) { Model = server.Model };
            // All servers get the same texts, measured by the first.
            _writer ??= await ServerQuestions.PromptWriterAsync(client);
            await using var progress = new ProgressLine($"round {round + 1}/{rounds} {target.Name}", client.Live);
            var (loads, driver) = await new ScenarioRunner(scenario, client, new RequestPlanner(scenario, round, _writer)).RunAsync(progress.Enter);
            return new(target.Name, server.Format, round, loads, driver, server.Use);
        }
        finally
        {
            if (scenario.Server != "kept") await server.DisposeAsync();
        }
    }
}
