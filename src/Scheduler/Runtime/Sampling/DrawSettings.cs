using StreamCore.Protocol;

namespace StreamCore.Scheduler.Sampling;

/// <summary>How a generation's tokens are drawn, with the key of its random stream.</summary>
internal readonly record struct DrawSettings(float Temperature, int TopK, float TopP, float MinP, ulong Seed, uint Choice)
{
    private const float GreedyBelow = 1e-4f; // logits closer than that are noise, and 1 / temperature stays far from overflow

    public static DrawSettings From(SamplingSettings settings, ulong seed, int choice) =>
        new(settings.Temperature, settings.TopK, settings.TopP, settings.MinP, seed, (uint)choice) { TypicalP = settings.TypicalP };

    /// <summary>1 is off.</summary>
    public float TypicalP { get; init; } = 1;

    public bool IsGreedy => Temperature < GreedyBelow;

    /// <summary>The random number of the token at a position.</summary>
    /// <param name="attempt">Of a draw that takes several.</param>
    public double Uniform(int position, uint attempt = 0) => Philox.Uniform(Seed, Choice, (uint)position, attempt);

    public bool HasTopK(int vocabularySize) => TopK > 0 && TopK < vocabularySize;
}
