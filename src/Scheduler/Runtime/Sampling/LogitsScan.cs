using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamCore.Scheduler.Sampling;

/// <summary>
/// Passes over a whole row of logits, as wide as the machine's vectors. A row has some 150,000 values and the step loop goes over
/// it once or twice for every token, so these are the only loops of sampling that are not written plainly.
/// </summary>
internal static class LogitsScan
{
    /// <summary>Values added up as floats before they are added as doubles: 150,000 float additions would lose four digits.</summary>
    public const int SumBlock = 1024;

    /// <summary>Values that have their largest told together; where it is too small, none of them is looked at again.</summary>
    public const int MaxBlock = 512;

    private const float Log2E = 1.442695041f;

    public static int BlockCount(int length) => (length + SumBlock - 1) / SumBlock;

    public static int MaxBlockCount(int length) => (length + MaxBlock - 1) / MaxBlock;

    /// <summary>The largest value and where it is first; <paramref name="maxima"/> gets the largest of each <see cref="MaxBlock"/> values.
    /// False when a value is not a number, or the largest is infinite: then there is nothing to choose from.</summary>
    public static bool TryMax(ReadOnlySpan<float> logits, Span<float> maxima, out float max, out int index)
    {
        max = float.NegativeInfinity;
        index = 0;
        var areNumbers = true;
        for (var start = 0; start < logits.Length; start += MaxBlock)
        {
            var largest = Max(logits.Slice(start, Math.Min(MaxBlock, logits.Length - start)), ref areNumbers);
            maxima[start / MaxBlock] = largest;
            if (largest > max) (max, index) = (largest, start);
        }

        if (!areNumbers || !float.IsFinite(max)) return false;
        index = FirstAtLeast(logits, index, max);
        return true;
    }

    /// <summary>The largest value. Four at a time, since each comparison waits for the one before it.</summary>
    private static float Max(ReadOnlySpan<float> block, ref bool areNumbers)
    {
        var size = Vector<float>.Count;
        Vector<float> first = new(float.NegativeInfinity), second = first, third = first, fourth = first;
        var numbers = Vector<int>.AllBitsSet;
        var i = 0;
        for (; i <= block.Length - 4 * size; i += 4 * size)
        {
            Vector<float> a = Load(block, i), b = Load(block, i + size), c = Load(block, i + 2 * size), d = Load(block, i + 3 * size);
            numbers &= Vector.Equals(a, a) & Vector.Equals(b, b) & Vector.Equals(c, c) & Vector.Equals(d, d);
            (first, second) = (Vector.MaxNative(first, a), Vector.MaxNative(second, b));
            (third, fourth) = (Vector.MaxNative(third, c), Vector.MaxNative(fourth, d));
        }

        var largest = Vector.MaxNative(Vector.MaxNative(first, second), Vector.MaxNative(third, fourth));
        areNumbers &= Vector.EqualsAll(numbers, Vector<int>.AllBitsSet);
        var max = float.NegativeInfinity;
        for (var lane = 0; lane < size; lane++) max = Math.Max(max, largest[lane]);
        for (; i < block.Length; i++)
        {
            areNumbers &= !float.IsNaN(block[i]);
            max = block[i] > max ? block[i] : max;
        }

        return max;
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

    /// <summary>The same, passing over blocks whose largest value is below it.</summary>
    public static int FirstAtLeast(ReadOnlySpan<float> logits, ReadOnlySpan<float> maxima, int start, float threshold)
    {
        for (var block = start / MaxBlock; block < maxima.Length; block++)
        {
            if (maxima[block] < threshold) continue;
            var end = Math.Min((block + 1) * MaxBlock, logits.Length);
            var found = FirstAtLeast(logits[..end], Math.Max(start, block * MaxBlock), threshold);
            if (found < end) return found;
        }

        return logits.Length;
    }

    /// <summary>The sum of exp((x - max) * scale).</summary>
    public static double SumExp(ReadOnlySpan<float> logits, float max, float scale)
    {
        var total = 0.0;
        for (var start = 0; start < logits.Length; start += SumBlock)
        {
            var block = logits.Slice(start, Math.Min(SumBlock, logits.Length - start));
            var vectorSum = Vector<float>.Zero;
            var i = 0;
            for (; i <= block.Length - Vector<float>.Count; i += Vector<float>.Count) vectorSum += Exp(Load(block, i), max, scale);
            var sum = (double)Vector.Sum(vectorSum);
            for (; i < block.Length; i++) sum += MathF.Exp((block[i] - max) * scale);
            total += sum;
        }

        return total;
    }

    /// <summary>The same of values from <paramref name="least"/> up, and of <paramref name="all"/>. For a block: it adds up floats.</summary>
    public static double SumExpOf(ReadOnlySpan<float> logits, float least, float max, float scale, out double all)
    {
        Vector<float> value = new(least), sums = Vector<float>.Zero, others = Vector<float>.Zero;
        var i = 0;
        for (; i <= logits.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var values = Load(logits, i);
            var (weights, counts) = (Exp(values, max, scale), Vector.GreaterThanOrEqual(values, value));
            sums += Vector.ConditionalSelect(counts, weights, Vector<float>.Zero);
            others += Vector.ConditionalSelect(counts, Vector<float>.Zero, weights);
        }

        var sum = (double)Vector.Sum(sums);
        all = sum + Vector.Sum(others);
        for (; i < logits.Length; i++)
        {
            var weight = MathF.Exp((logits[i] - max) * scale);
            all += weight;
            if (logits[i] >= least) sum += weight;
        }

        return sum;
    }

    /// <summary>Sets every weight to exp((x - max) * scale). Returns their sum.</summary>
    public static double Exponentiate(ReadOnlySpan<float> logits, float max, float scale, Span<float> weights)
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
            total += sum;
        }

        return total;
    }

    /// <summary>Sets every bin to (max - x) * scale, cut to a whole number of at most <paramref name="last"/>.</summary>
    public static void Bin(ReadOnlySpan<float> logits, float max, float scale, int last, Span<int> bins)
    {
        Vector<float> greatest = new(max), most = new(last);
        var i = 0;
        for (; i <= logits.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.ConvertToInt32Native(Vector.MinNative((greatest - Load(logits, i)) * scale, most)).CopyTo(bins[i..]);
        for (; i < logits.Length; i++) bins[i] = (int)Math.Min((max - logits[i]) * scale, last);
    }

    /// <summary>Sets the weights of values below <paramref name="least"/>, and weights below <paramref name="leastWeight"/>, to zero.
    /// Returns the sum of the others.</summary>
    public static double Keep(ReadOnlySpan<float> logits, float least, float leastWeight, Span<float> weights)
    {
        Vector<float> value = new(least), weight = new(leastWeight), sums = Vector<float>.Zero;
        var i = 0;
        for (; i <= logits.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var old = Load(weights, i);
            var stays = Vector.GreaterThanOrEqual(Load(logits, i), value) & Vector.GreaterThanOrEqual(old, weight);
            var kept = Vector.ConditionalSelect(stays, old, Vector<float>.Zero);
            kept.CopyTo(weights[i..]);
            sums += kept;
        }

        var sum = (double)Vector.Sum(sums);
        for (; i < logits.Length; i++)
        {
            if (logits[i] >= least && weights[i] >= leastWeight) sum += weights[i];
            else weights[i] = 0;
        }

        return sum;
    }

    private static Vector<float> Exp(Vector<float> values, float max, float scale) =>
        VectorExp.TwoTo((values - new Vector<float>(max)) * (scale * Log2E));

    private static Vector<float> Load(ReadOnlySpan<float> values, int start) =>
        Unsafe.ReadUnaligned<Vector<float>>(ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in values[start])));
}
