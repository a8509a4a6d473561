using System.Diagnostics;
using StreamCore.HttpBench.Load;

namespace StreamCore.HttpBench.Measures;

/// <summary>Counts what a running load achieves for each second of the server's CPU time.</summary>
internal static class CpuWindow
{
    // By then the runtime has compiled what is hot for the last time; after two seconds it had not.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3.5);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(2.5);

    public static async Task<(double PerCpuSecond, double PerSecond)> MeasureAsync(PeerProcess peer, Func<long> count)
    {
        await Task.Delay(WarmUp);
        var (cpu, counted, start) = (peer.CpuTime, count(), Stopwatch.GetTimestamp());
        await Task.Delay(Measured);
        var done = count() - counted;
        return (done / (peer.CpuTime - cpu).TotalSeconds, done / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
