using System.Collections.Concurrent;
using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Prompts;

/// <summary>Draws requests. The same seed, round, load and number give the same request, whatever happened before and to whichever server.</summary>
internal sealed class RequestPlanner(Scenario scenario, int round, PromptWriter writer)
{
    private readonly ConcurrentDictionary<string, string> _prefixes = [];

    public PlannedRequest Plan(Stage stage, Load load, int number)
    {
        var random = Random($"{stage.Name}/{load.Name}/{number}");
        return Make(Draw(load.Mix, random), random);
    }

    /// <summary>Requests to warm up with: each kind of the scenario in turn, with prompts and prefixes of their own.</summary>
    public IEnumerable<PlannedRequest> WarmUp()
    {
        var kinds = scenario.Stages.SelectMany(stage => stage.Loads).SelectMany(load => load.Mix).ToArray();
        for (var i = 0; i < scenario.Warmup * kinds.Length; i++)
        {
            var random = Random($"warm-up/{i}");
            var planned = Make(kinds[i % kinds.Length], random);
            yield return planned.Prefix is null ? planned : planned with { Prefix = writer.Write(random, kinds[i % kinds.Length].Prefix!.Tokens) };
        }
    }

    /// <summary>A source of chance for one purpose.</summary>
    public Random Random(string purpose)
    {
        // FNV-1a: string.GetHashCode differs from process to process.
        var hash = 2166136261u;
        foreach (var letter in $"{scenario.Seed}/{round}/{purpose}") hash = (hash ^ letter) * 16777619;
        return new((int)hash);
    }

    private static RequestKind Draw(List<RequestKind> mix, Random random)
    {
        var at = random.NextDouble() * mix.Sum(kind => kind.Weight);
        return mix.FirstOrDefault(kind => (at -= kind.Weight) < 0) ?? mix[^1];
    }

    private PlannedRequest Make(RequestKind kind, Random random) => new(
        kind.Prefix is { } prefix ? _prefixes.GetOrAdd(prefix.Name, name => writer.Write(Random("prefix/" + name), prefix.Tokens)) : null,
        writer.Write(random, Math.Max(1, kind.Prompt.Draw(random))),
        Math.Max(1, kind.Answer.Draw(random)),
        kind.Stream,
        kind.AbortAfter is { } abort ? Math.Max(1, abort.Draw(random)) : null);
}
