using System.Diagnostics;
using StreamCore.HttpBench.Load;

namespace StreamCore.HttpBench.Measures;

/// <summary>Counts what a running load achieves for each second of the server's CPU time.</summary>
internal static class CpuWindow
{
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _measured = TimeSpan.FromSeconds(3);

    public static async Task<(double PerCpuSecond, double PerSecond)> MeasureAsync(PeerProcess peer, Func<long> count)
    {
        await Task.Delay(_warmUp);
        var (cpu, counted, start) = (peer.CpuTime, count(), Stopwatch.GetTimestamp());
        await Task.Delay(_measured);
        var done = count() - counted;
        return (done / (peer.CpuTime - cpu).TotalSeconds, done / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
