namespace StreamCore.Engines.Models;

/// <summary>Normally distributed numbers from a seed, fast enough for billions of weights: each is looked up in a table of the
/// distribution's 65536 quantiles, four to a random 64-bit word. The same seed gives the same numbers everywhere.</summary>
internal sealed class NormalSource(ulong seed)
{
    private static readonly float[] Quantiles = MakeQuantiles();

    private ulong _state = seed;

    /// <summary>Fills <paramref name="destination"/> with mean + deviation · N(0, 1).</summary>
    public void Fill(Span<float> destination, float mean, float deviation)
    {
        var word = 0UL;
        for (var i = 0; i < destination.Length; i++)
        {
            word = i % 4 == 0 ? NextWord() : word >> 16;
            destination[i] = mean + deviation * Quantiles[(ushort)word];
        }
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014).</summary>
    private ulong NextWord()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static float[] MakeQuantiles()
    {
        var quantiles = new float[65536];
        for (var i = 0; i < quantiles.Length / 2; i++)
        {
            quantiles[i] = (float)-UpperQuantile((i + 0.5) / quantiles.Length);
            quantiles[^(i + 1)] = -quantiles[i];
        }
        return quantiles;
    }

    /// <summary>The x that is exceeded with probability p, up to one half (Abramowitz and Stegun 26.2.23, error below 4.5e-4).</summary>
    private static double UpperQuantile(double p)
    {
        var t = Math.Sqrt(-2 * Math.Log(p));
        return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    }
}
