using StreamCore.LoadTests.Measures;

namespace StreamCore.LoadTests.Tests;

/// <summary>Results made up for tests.</summary>
internal static class Made
{
    public static RunResult Run(string server, int round, double tokensPerSecond, string load = "load")
    {
        var latency = new Latency(100, 20, 15, 30, 90, 120, [new(0, 5), new(50, 15), new(90, 30), new(99, 90), new(100, 120)]);
        var result = new LoadResult(load, 16, 10, 100, 99, 0, new Dictionary<string, int> { ["status <429>"] = 1 }, 1000, 640, 100, tokensPerSecond, 9.9,
            0.9, 8.9, latency, latency, latency, latency, latency, new(0.25, [10, 20, 15], [0, 4, 2]));
        return new(server, "int8", round, [result], new(1, 10), new(20, 500_000_000));
    }

    public static BenchResult Bench(params RunResult[] runs) =>
        new("chat16", "Chats & <angles>.", "words", DateTimeOffset.UnixEpoch, "2 cores", "2 cores", runs);
}
