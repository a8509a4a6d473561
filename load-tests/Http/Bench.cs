using StreamCore.HttpBench.Load;
using StreamCore.HttpBench.Measures;
using StreamCore.HttpBench.Report;

namespace StreamCore.HttpBench;

/// <summary>Runs the measures in interleaved rounds and reports them.</summary>
internal static class Bench
{
    public static readonly IReadOnlyList<IMeasure> Measures = [new StreamsMeasure(), new ModelsMeasure(), new MemoryMeasure(), new LatencyMeasure()];

    public static async Task<int> RunAsync(BenchOptions options)
    {
        var measures = Measures.Where(m => options.Only is null || m.Name == options.Only).ToArray();
        var before = Machine.Describe();
        await SameBytes.CheckAsync();

        var readings = new List<Reading>();
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var measure in measures)
            {
                // Interleaved, and in reverse order every second round, so that a drift of the machine's speed hits all alike.
                foreach (var variant in round % 2 == 0 ? measure.Variants : measure.Variants.Reverse())
                {
                    await using var peer = await PeerProcess.StartAsync(variant.Settings);
                    foreach (var (metric, value) in await measure.RunAsync(peer))
                    {
                        readings.Add(new(measure.Name, metric, variant.Name, round, value));
                        Console.Error.WriteLine($"round {round + 1}/{options.Rounds}: {metric}: {variant.Name}: {Table.Number(value)}");
                    }
                }
            }
        }

        Console.WriteLine(Table.Render(measures, readings, before, Machine.Describe()));
        JsonReport.Write(options.JsonPath, readings, before, Machine.Describe());
        var missed = measures.SelectMany(m => m.Comparisons).Where(c => c.Aim is { } aim && !aim.IsMetBy(Ratio.Of(c, readings).Median)).ToArray();
        foreach (var comparison in missed)
            Console.Error.WriteLine($"Missed: {comparison.Metric}, {comparison.Of} / {comparison.To}: {comparison.Aim}.");
        return missed.Length == 0 ? 0 : 1;
    }
}
