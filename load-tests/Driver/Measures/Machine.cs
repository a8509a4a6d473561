using System.Globalization;
using System.Runtime.InteropServices;

namespace StreamCore.LoadTests.Measures;

/// <summary>What a reader must know of the machine to judge the figures.</summary>
internal static class Machine
{
    public static string Describe()
    {
        const string load = "/proc/loadavg";
        var average = File.Exists(load) ? File.ReadAllText(load).Split(' ')[0] : "unknown";
        return string.Create(CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}, load average {average}");
    }
}
