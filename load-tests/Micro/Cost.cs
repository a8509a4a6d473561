using System.Diagnostics;
using System.Globalization;

namespace StreamCore.Micro;

/// <summary>Times something again and again.</summary>
internal static class Cost
{
    /// <summary>Microseconds a call in order, of so many calls after a fifth as many to warm up.</summary>
    /// <param name="prepare">Done before each call and not timed.</param>
    public static double[] Measure(int calls, Action<int> prepare, Action<int> work)
    {
        for (var i = 0; i < calls / 5; i++) Time(i);
        var times = new double[calls];
        for (var i = 0; i < calls; i++) times[i] = Time(i);
        Array.Sort(times);
        return times;

        double Time(int call)
        {
            prepare(call);
            var start = Stopwatch.GetTimestamp();
            work(call);
            return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
    }

    /// <summary>Median and 99th percentile as cells of a table.</summary>
    public static string Cells(double[] times) =>
        string.Create(CultureInfo.InvariantCulture, $"{times[times.Length / 2]:0.0} µs | {times[times.Length * 99 / 100]:0.0} µs");
}
