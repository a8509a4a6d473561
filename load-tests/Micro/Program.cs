using StreamCore.Micro;

// What the hot paths cost, one table each; the names of those wanted may follow.
Dictionary<string, Action<TextWriter>> costs = new()
{
    ["grammar"] = GrammarCosts.Run,
    ["sampler"] = SamplerCosts.Run,
    ["prompt"] = PromptCosts.Run,
    ["stream"] = StreamCosts.Run,
    ["attention"] = AttentionCosts.Run,
};
if (args.FirstOrDefault(name => !costs.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"'{unknown}' is not measured here; there are {string.Join(", ", costs.Keys)}.");
    return 2;
}

foreach (var name in args.Length > 0 ? args : [.. costs.Keys])
{
    costs[name](TextWriter.Null); // first to warm up: the code is compiled again, and better, on the way
    costs[name](Console.Out);
    Console.Out.WriteLine();
}

return 0;
