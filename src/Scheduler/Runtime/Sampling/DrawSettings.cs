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

    /// <summary>Every token of the vocabulary may be drawn.</summary>
    public bool IsUnfiltered(int vocabularySize) => (TopK <= 0 || TopK >= vocabularySize) && TopP >= 1 && MinP <= 0;
}
