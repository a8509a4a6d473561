using System.Numerics;

namespace StreamCore.Scheduler.Sampling;

/// <summary>Weights laid end to end, on which a number is drawn.</summary>
internal static class WeightLine
{
    /// <summary>The weight that the target falls on; the last that is not zero where rounding leaves too much.</summary>
    /// <param name="rest">How far from its start.</param>
    public static int Find<T>(ReadOnlySpan<T> weights, double target, out double rest)
        where T : struct, INumber<T>
    {
        var found = 0;
        rest = target;
        for (var i = 0; i < weights.Length; i++)
        {
            var weight = double.CreateTruncating(weights[i]);
            if (weight == 0) continue;
            (found, rest) = (i, target);
            if (target < weight) break;
            target -= weight;
        }

        return found;
    }
}
