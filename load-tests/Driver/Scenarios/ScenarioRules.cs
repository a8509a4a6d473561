namespace StreamCore.LoadTests.Scenarios;

/// <summary>What the types of a scenario cannot say.</summary>
internal static class ScenarioRules
{
    public static IEnumerable<string> Faults(Scenario scenario)
    {
        if (scenario.Api is not ("chat" or "completions")) yield return $"api must be chat or completions, but is '{scenario.Api}'.";
        if (scenario.Server is not ("fresh" or "kept")) yield return $"server must be fresh or kept, but is '{scenario.Server}'.";
        if (scenario.Warmup < 0) yield return "warmup must not be negative.";
        if (scenario.Stages.Count == 0) yield return "stages must name at least one stage.";
        if (!Distinct(scenario.Stages.Select(stage => stage.Name))) yield return "each stage needs a name of its own.";
        foreach (var stage in scenario.Stages)
        {
            foreach (var fault in StageFaults(stage)) yield return $"stage '{stage.Name}': {fault}";
        }

        var prefixes = scenario.Stages.SelectMany(stage => stage.Loads).SelectMany(load => load.Mix).Select(kind => kind.Prefix).OfType<Prefix>();
        foreach (var same in prefixes.GroupBy(prefix => prefix.Name).Where(same => same.Select(prefix => prefix.Tokens).Distinct().Count() > 1))
            yield return $"prefix '{same.Key}' has several lengths.";
    }

    private static IEnumerable<string> StageFaults(Stage stage)
    {
        if (stage.Loads.Count == 0) yield return "loads must name at least one load.";
        if (!Distinct(stage.Loads.Select(load => load.Name))) yield return "each load needs a name of its own.";
        foreach (var load in stage.Loads)
        {
            foreach (var fault in LoadFaults(load)) yield return $"load '{load.Name}': {fault}";
            // One that itself waits for another could wait in a ring.
            if (load.Until is { } other && !stage.Loads.Any(one => one.Name == other && one.Until is null))
                yield return $"load '{load.Name}': until must name a load of the stage that ends by itself, but is '{other}'.";
        }
    }

    private static IEnumerable<string> LoadFaults(Load load)
    {
        if (load.Clients is null == load.Rate is null) yield return "give either clients (closed loop) or rate (open loop).";
        if (load.Clients < 1) yield return "clients must be at least 1.";
        if (load.Rate <= 0) yield return "rate must be above 0.";
        if (load.Arrivals is not ("poisson" or "fixed")) yield return $"arrivals must be poisson or fixed, but is '{load.Arrivals}'.";
        if (load.Requests < 1) yield return "requests must be at least 1.";
        if (load.Requests is null && load.Duration is null && load.Until is null) yield return "give requests, duration or until: it would never end.";
        if (load.Mix.Count == 0) yield return "mix must name at least one kind of request.";
        foreach (var kind in load.Mix)
        {
            if (kind.Weight <= 0) yield return "weight must be above 0.";
            if (kind.Answer.Most < 1) yield return "answer must be at least 1.";
            if (kind.Prompt.Most < 1) yield return "prompt must be at least 1.";
            if (double.IsInfinity(kind.Prompt.Most + kind.Answer.Most)) yield return "an amount without an end needs 'max N', so that the context can be made large enough.";
            if (kind.AbortAfter is not null && !kind.Stream) yield return "abortAfter needs stream: true.";
        }
    }

    private static bool Distinct(IEnumerable<string> names) => names.ToList() is var all && all.Distinct().Count() == all.Count && !all.Contains("");
}
