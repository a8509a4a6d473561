using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace StreamCore.Engines.Tokenization.Patterns;

/// <summary>
/// The patterns that nearly every byte-level tokenizer uses, compiled at build time: no start-up cost, and the same meaning
/// as <see cref="OnigurumaSyntax"/> gives them (a test holds that).
/// </summary>
internal static partial class KnownPatterns
{
    public const string Gpt2 =
        @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public const string Llama3 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public const string Qwen2 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static bool TryGet(string pattern, [NotNullWhen(true)] out Regex? regex)
    {
        regex = pattern switch
        {
            Gpt2 => Gpt2Regex(),
            Llama3 => Llama3Regex(),
            Qwen2 => Qwen2Regex(),
            _ => null,
        };
        return regex is not null;
    }

    [GeneratedRegex(Gpt2, RegexOptions.CultureInvariant)]
    private static partial Regex Gpt2Regex();

    // The long s (U+017F) is an s to a Unicode case-insensitive match, but not to .NET's.
    [GeneratedRegex(
        @"'(?:[sS\u017F]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])" +
        @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        RegexOptions.CultureInvariant)]
    private static partial Regex Llama3Regex();

    [GeneratedRegex(
        @"'(?:[sS\u017F]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])" +
        @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        RegexOptions.CultureInvariant)]
    private static partial Regex Qwen2Regex();
}
