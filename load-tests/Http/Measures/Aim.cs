using System.Globalization;

namespace StreamCore.HttpBench.Measures;

/// <summary>What the median of a ratio is to reach; a run that misses one ends with exit code 1.</summary>
internal abstract record Aim
{
    public abstract bool IsMetBy(double ratio);

    internal sealed record AtLeast(double Bound) : Aim
    {
        public override bool IsMetBy(double ratio) => ratio >= Bound;

        public override string ToString() => "at least " + Bound.ToString("0.##", CultureInfo.InvariantCulture);
    }

    internal sealed record Below(double Bound) : Aim
    {
        public override bool IsMetBy(double ratio) => ratio < Bound;

        public override string ToString() => "below " + Bound.ToString("0.##", CultureInfo.InvariantCulture);
    }
}
