using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace StreamCore.HttpBench;

/// <summary>What to measure, from the command line.</summary>
/// <param name="Rounds">How often every peer is measured; at least three show a spread.</param>
/// <param name="Only">The one measure to run, or null for all.</param>
/// <param name="JsonPath">Where all readings are written.</param>
internal sealed record BenchOptions(int Rounds, string? Only, string JsonPath)
{
    public static bool TryParse(string[] args, [NotNullWhen(true)] out BenchOptions? options, [NotNullWhen(false)] out string? fault)
    {
        options = new(3, null, Path.Combine("artifacts", "http-bench.json"));
        fault = null;
        foreach (var pair in args.Chunk(2))
        {
            switch (pair)
            {
                case ["--rounds", var text] when int.TryParse(text, CultureInfo.InvariantCulture, out var rounds) && rounds > 0:
                    options = options with { Rounds = rounds };
                    break;
                case ["--only", var name] when Bench.Measures.Any(m => m.Name == name):
                    options = options with { Only = name };
                    break;
                case ["--json", var path]:
                    options = options with { JsonPath = path };
                    break;
                default:
                    fault = $"Not understood: {string.Join(' ', pair)}. Use [--rounds 3] [--only {string.Join('|', Bench.Measures.Select(m => m.Name))}] [--json FILE].";
                    return false;
            }
        }

        return true;
    }
}
