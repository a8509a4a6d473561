using System.Globalization;
using StreamCore.LoadTests;

// dotnet run --project load-tests/Driver -c Release -- --model NAME [--url http://127.0.0.1:8000] [--clients 1,16] [--tokens 64] [--words 16] [--rounds 3]
var flags = args.Chunk(2).ToDictionary(pair => pair[0], pair => pair.Length > 1 ? pair[1] : "", StringComparer.Ordinal);
string Flag(string name, string fallback) => flags.GetValueOrDefault("--" + name, fallback);
int Number(string name, int fallback) => int.Parse(Flag(name, fallback.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

if (Flag("model", "").Length == 0)
{
    Console.Error.WriteLine("Name the model to ask: --model NAME (GET /v1/models lists them).");
    return 2;
}

using var http = new HttpClient { BaseAddress = new Uri(Flag("url", "http://127.0.0.1:8000")), Timeout = TimeSpan.FromMinutes(30) };
var load = new ClosedLoop(http, Flag("model", ""), Number("words", 16), Number("tokens", 64));
var counts = Flag("clients", "1,16").Split(',').Select(c => int.Parse(c, CultureInfo.InvariantCulture)).ToArray();
var rounds = Number("rounds", 3);
var results = counts.ToDictionary(c => c, _ => new List<WaveResult>());

await load.WaveAsync(1, -1, default); // warm-up, not counted
for (var round = 0; round < rounds; round++)
{
    // Interleaved, and in reverse order every second round, so that a drift of the machine's speed hits all alike.
    foreach (var count in round % 2 == 0 ? counts : counts.Reverse())
    {
        var wave = await load.WaveAsync(count, round, default);
        results[count].Add(wave);
        Console.Error.WriteLine($"round {round + 1}/{rounds}: {count,4} clients {wave.TokensPerSecond,8:F1} tokens/s");
    }
}

Console.WriteLine("| clients | tokens/s median | min | max | ratio to first | slowest first token, median ms |");
Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
foreach (var count in counts)
{
    var rates = results[count].Select(r => r.TokensPerSecond).Order().ToArray();
    var ratios = results[count].Zip(results[counts[0]], (a, b) => a.TokensPerSecond / b.TokensPerSecond).Order().ToArray();
    var first = results[count].Select(r => r.SlowestFirstToken.TotalMilliseconds).Order().ToArray();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {count} | {rates[rates.Length / 2]:F1} | {rates[0]:F1} | {rates[^1]:F1} | {ratios[ratios.Length / 2]:F2} | {first[first.Length / 2]:F0} |"));
}

return 0;
