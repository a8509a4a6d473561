using System.Globalization;
using System.Runtime.InteropServices;

namespace StreamCore.HttpBench;

/// <summary>What a reader must know of the machine to judge the figures.</summary>
internal static class Machine
{
    /// <summary>Open files a process may have; the runtime raises the soft limit to the hard one by itself.</summary>
    public static long MaxOpenFiles
    {
        get
        {
            const string limits = "/proc/self/limits";
            var line = File.Exists(limits) ? File.ReadLines(limits).FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal)) : null;
            var hard = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
            return long.TryParse(hard, CultureInfo.InvariantCulture, out var count) ? count : 10_500;
        }
    }

    public static string Describe()
    {
        const string load = "/proc/loadavg";
        var average = File.Exists(load) ? File.ReadAllText(load).Split(' ')[0] : "unknown";
        return $"{Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, load average {average}";
    }
}
