using System.Globalization;
using StreamCore.EngineBench;

Options options;
try
{
    options = Options.Parse(args);
    if (options.Models.Length == 0) throw new FormatException("Name at least one imported model: --models FOLDER.");
}
catch (FormatException fault)
{
    Console.Error.WriteLine(fault.Message);
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

if (options.HostWork > 0)
{
    await HostWorkTable.PrintAsync(options);
    return 0;
}

var names = options.Models.Select(folder => Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))).Concat(options.Peers.Select(peer => peer.Name)).ToArray();
string[] measures = [.. options.Batches.Select(b => $"decode {b}"), $"prefill {options.Prefill}"];
var results = names.ToDictionary(name => name, _ => measures.ToDictionary(m => m, _ => new List<double>()));

for (var round = 0; round < options.Rounds; round++)
{
    // Interleaved, and in reverse order every second round, so that a drift of the machine's speed hits all alike.
    foreach (var at in round % 2 == 0 ? Enumerable.Range(0, names.Length) : Enumerable.Range(0, names.Length).Reverse())
    {
        var name = names[at];
        using var engine = at < options.Models.Length ? new EngineRun(options.Models[at], options) : null;
        foreach (var (measure, index) in measures.Select((m, i) => (m, i)))
        {
            var sequences = index < options.Batches.Length ? options.Batches[index] : 0;
            var value = engine is not null
                ? sequences > 0 ? engine.Decode(sequences) : engine.Prefill()
                : Measure(options.Peers[at - options.Models.Length], sequences);
            results[name][measure].Add(value);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round + 1}/{options.Rounds}  {name,-28} {measure,-12} {value,8:F1} tokens/s"));
        }
    }
}

Console.WriteLine($"| tokens/s, median (lowest to highest) | {string.Join(" | ", measures)} |");
Console.WriteLine($"| --- |{string.Concat(measures.Select(_ => " --- |"))}");
foreach (var name in names)
    Console.WriteLine($"| {name} | {string.Join(" | ", measures.Select(m => Spread(results[name][m], "F1")))} |");
foreach (var peer in options.Peers)
    foreach (var name in names.Take(options.Models.Length))
        Console.WriteLine($"| {name} : {peer.Name} | {string.Join(" | ", measures.Select(m => Spread([.. results[name][m].Zip(results[peer.Name][m], (a, b) => a / b)], "F2")))} |");
return 0;

double Measure((string Name, string Program, string File, string Flags) peer, int sequences) => sequences > 0
    ? Peer.Decode(peer.Program, peer.File, peer.Flags, options, sequences)
    : Peer.Prefill(peer.Program, peer.File, peer.Flags, options);

static string Spread(List<double> values, string format)
{
    var sorted = values.Order().ToArray();
    return string.Create(CultureInfo.InvariantCulture,
        $"{sorted[sorted.Length / 2].ToString(format, CultureInfo.InvariantCulture)} ({sorted[0].ToString(format, CultureInfo.InvariantCulture)} to {sorted[^1].ToString(format, CultureInfo.InvariantCulture)})");
}
