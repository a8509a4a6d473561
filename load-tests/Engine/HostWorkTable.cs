using System.Globalization;
using StreamCore.Protocol;

namespace StreamCore.EngineBench;

/// <summary>The step loop's own work, by how tokens are drawn.</summary>
internal static class HostWorkTable
{
    private static readonly (string Name, SamplingSettings Sampling)[] Ways =
    [
        ("greedy", Settings(temperature: 0, topP: 1, topK: 0)),
        ("temperature 1", Settings(temperature: 1, topP: 1, topK: 0)),
        ("top_k 40", Settings(temperature: 1, topP: 1, topK: 40)),
        ("top_p 0.9", Settings(temperature: 1, topP: 0.9f, topK: 0)),
    ];

    public static async Task PrintAsync(Options options)
    {
        Console.WriteLine("| model | tokens by | step, ms | outside the engine, ms | share (lowest to highest) |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var folder in options.Models)
        {
            foreach (var (name, sampling) in Ways)
            {
                var rounds = new List<(double Step, double Host)>();
                for (var round = 0; round < options.Rounds; round++)
                {
                    Console.Error.WriteLine($"round {round + 1}/{options.Rounds}  {folder}  {name}");
                    rounds.Add(await HostWork.MeasureAsync(folder, options, options.HostWork, sampling));
                }

                var sorted = rounds.OrderBy(r => r.Host / r.Step).ToArray();
                var (step, host) = sorted[sorted.Length / 2];
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {Path.GetFileName(folder)} | {name} | {step:F1} | {host:F2} | {host / step:P1} ({sorted[0].Host / sorted[0].Step:P1} to {sorted[^1].Host / sorted[^1].Step:P1}) |"));
            }
        }
    }

    private static SamplingSettings Settings(float temperature, float topP, int topK)
    {
        var d = SamplingSettings.Default;
        return new SamplingSettings(
            temperature, topP, topK, d.MinP, seed: 1, d.TypicalP, d.Penalties, d.Bias, d.Ends, d.ShowsSpecialTokens);
    }
}
