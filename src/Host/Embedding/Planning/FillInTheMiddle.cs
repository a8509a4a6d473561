using System.Diagnostics.CodeAnalysis;
using StreamCore.Scheduler;

namespace StreamCore.Host.Planning;

/// <summary>
/// A prompt with a gap, for models that were trained to fill one (Bavarian and others: Efficient Training of Language Models to
/// Fill in the Middle, arXiv 2207.14255): what comes before, what comes after, then the model writes what is between.
/// </summary>
internal static class FillInTheMiddle
{
    // Prefix, suffix, middle: as Qwen2.5-Coder and as StarCoder spell them.
    private static readonly (string Prefix, string Suffix, string Middle)[] Spellings =
    [
        ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
        ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    ];

    /// <summary>False when the model knows no such tokens.</summary>
    public static bool TryArrange(ITokenizer tokenizer, int[] before, string after, [NotNullWhen(true)] out int[]? tokens)
    {
        tokens = null;
        foreach (var spelling in Spellings)
        {
            if (!tokenizer.TryGetId(spelling.Prefix, out var prefix) || !tokenizer.TryGetId(spelling.Suffix, out var suffix)
                || !tokenizer.TryGetId(spelling.Middle, out var middle)) continue;
            tokens = [prefix, .. before, suffix, .. tokenizer.Encode(after, special: false), middle];
            return true;
        }

        return false;
    }
}
