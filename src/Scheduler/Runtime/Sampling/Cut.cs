namespace StreamCore.Scheduler.Sampling;

/// <summary>Where the order of tokens, the larger first and the lower id first among equals, is cut: larger values stay, and equal ones with an
/// id below <paramref name="End"/>.</summary>
internal readonly record struct Cut(float Value, int End)
{
    /// <summary>All stay.</summary>
    public static Cut None { get; } = new(float.NegativeInfinity, int.MaxValue);

    /// <summary>The least value of those that stay from <see cref="End"/> on.</summary>
    public float ValueFromEnd => MathF.BitIncrement(Value);

    /// <summary>How many of so many tokens from <paramref name="first"/> on come before <see cref="End"/>.</summary>
    public int Before(int first, int count) => Math.Clamp(End - first, 0, count);

    /// <summary>Sets the weights of what does not stay, and those below <paramref name="minP"/>, to zero. Returns the sum of the others.</summary>
    /// <param name="first">The id of the first.</param>
    public double Keep(ReadOnlySpan<float> logits, int first, float minP, Span<float> weights)
    {
        var before = Before(first, logits.Length);
        return LogitsScan.Keep(logits[..before], Value, minP, weights) + LogitsScan.Keep(logits[before..], ValueFromEnd, minP, weights[before..]);
    }
}
