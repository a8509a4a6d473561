using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Loops;

/// <summary>When the requests of an open loop are due, counted from its start; without end.</summary>
internal static class ArrivalTimes
{
    public static IEnumerable<TimeSpan> Of(Load load, Random random) =>
        load.Arrivals == "fixed" ? Fixed(load.Rate!.Value) : Poisson(load.Rate!.Value, random);

    private static IEnumerable<TimeSpan> Fixed(double rate)
    {
        for (var number = 0L; ; number++) yield return TimeSpan.FromSeconds(number / rate);
    }

    /// <summary>Independent users: the gaps are exponential.</summary>
    private static IEnumerable<TimeSpan> Poisson(double rate, Random random)
    {
        for (var seconds = 0.0; ;)
        {
            seconds -= Math.Log(1 - random.NextDouble()) / rate;
            yield return TimeSpan.FromSeconds(seconds);
        }
    }
}
