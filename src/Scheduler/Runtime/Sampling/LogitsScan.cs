using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamCore.Scheduler.Sampling;

/// <summary>
/// Passes over a whole row of logits, as wide as the machine's vectors. A row has some 150,000 values and the step loop goes over
/// it once or twice for every token, so these are the only loops of sampling that are not written plainly.
/// </summary>
internal static class LogitsScan
{
    /// <summary>Values added up as floats before they are added as doubles: 150,000 float additions would lose four digits.</summary>
    public const int SumBlock = 1024;

    public static int BlockCount(int length) => (length + SumBlock - 1) / SumBlock;

    /// <summary>The largest value and where it is first. False when a value is not a number, or the largest is infinite:
    /// then there is nothing to choose from.</summary>
    public static bool TryMax(ReadOnlySpan<float> logits, out float max, out int index)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(logits);
        var largest = new Vector<float>(float.NegativeInfinity);
        var areNumbers = Vector<int>.AllBitsSet;
        foreach (var values in vectors)
        {
            areNumbers &= Vector.Equals(values, values);
            largest = Vector.ConditionalSelect(Vector.GreaterThan(values, largest), values, largest);
        }

        max = float.NegativeInfinity;
        for (var lane = 0; lane < Vector<float>.Count; lane++) max = Math.Max(max, largest[lane]);
        var hasNan = !Vector.EqualsAll(areNumbers, Vector<int>.AllBitsSet);
        foreach (var value in logits[(vectors.Length * Vector<float>.Count)..])
        {
            hasNan |= float.IsNaN(value);
            max = value > max ? value : max;
        }

        index = 0;
        if (hasNan || !float.IsFinite(max)) return false;
        index = FirstAtLeast(logits, 0, max);
        return true;
    }

    /// <summary>The first index from <paramref name="start"/> on whose value is at least <paramref name="threshold"/>; the length when there is none.</summary>
    public static int FirstAtLeast(ReadOnlySpan<float> logits, int start, float threshold)
    {
        var wanted = new Vector<float>(threshold);
        var i = start;
        while (i <= logits.Length - Vector<float>.Count && !Vector.GreaterThanOrEqualAny(Load(logits, i), wanted))
            i += Vector<float>.Count;
        while (i < logits.Length && !(logits[i] >= threshold)) i++;
        return i;
    }

    /// <summary>The sum of exp((x - max) * scale).</summary>
    public static double SumExp(ReadOnlySpan<float> logits, float max, float scale)
    {
        var sum = 0.0;
        for (var start = 0; start < logits.Length; start += SumBlock)
        {
            var block = logits.Slice(start, Math.Min(SumBlock, logits.Length - start));
            var sums = Vector<float>.Zero;
            var i = 0;
            for (; i <= block.Length - Vector<float>.Count; i += Vector<float>.Count) sums += Exp(Load(block, i), max, scale);
            sum += Vector.Sum(sums);
            for (; i < block.Length; i++) sum += MathF.Exp((block[i] - max) * scale);
        }

        return sum;
    }

    /// <summary>Sets every weight to exp((x - max) * scale); <paramref name="sums"/> gets the sum of each <see cref="SumBlock"/> weights.
    /// Returns the whole sum.</summary>
    public static double Exponentiate(ReadOnlySpan<float> logits, float max, float scale, Span<float> weights, Span<double> sums)
    {
        var total = 0.0;
        for (var start = 0; start < logits.Length; start += SumBlock)
        {
            var block = logits.Slice(start, Math.Min(SumBlock, logits.Length - start));
            var vectorSum = Vector<float>.Zero;
            var i = 0;
            for (; i <= block.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                var vector = Exp(Load(block, i), max, scale);
                vector.CopyTo(weights[(start + i)..]);
                vectorSum += vector;
            }

            var sum = (double)Vector.Sum(vectorSum);
            for (; i < block.Length; i++) sum += weights[start + i] = MathF.Exp((block[i] - max) * scale);
            sums[start / SumBlock] = sum;
            total += sum;
        }

        return total;
    }

    private static Vector<float> Exp(Vector<float> values, float max, float scale) =>
        Vector.Exp((values - new Vector<float>(max)) * scale);

    private static Vector<float> Load(ReadOnlySpan<float> values, int start) =>
        Unsafe.ReadUnaligned<Vector<float>>(ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in values[start])));
}
