using System.Text.Json;
using StreamCore.Engines.Tokenization.Files;
using StreamCore.Engines.Tokenization.Patterns;

namespace StreamCore.Engines.Tokenization.PreTokenizers;

/// <summary>Builds the "pre_tokenizer" part of a tokenizer.json.</summary>
internal static class PreTokenizerFactory
{
    // Rust's \w: alphabetic, marks, decimal digits, connectors and the two joiners.
    private const string Words = @"[\w\u200C\u200D]+|[^\w\s\u200C\u200D]+";

    public static IPreTokenizer? Create(JsonElement part) => part.IsAbsent() ? null : part.ComponentType("pre-tokenizer") switch
    {
        "Sequence" => new SequencePreTokenizer([.. part.Items("pretokenizers").Select(Create).OfType<IPreTokenizer>()]),
        "ByteLevel" => new ByteLevelPreTokenizer(part.Flag("add_prefix_space", true), part.Flag("use_regex", true)),
        "Split" => new SplitPreTokenizer(part.Pattern(), Behavior(part), part.Flag("invert")),
        "Metaspace" => new MetaspacePreTokenizer(Replacement(part), Scheme(part), part.Flag("split", true)),
        "Digits" => new SplitPreTokenizer(
            CharacterPattern.Number, part.Flag("individual_digits") ? SplitBehavior.Isolated : SplitBehavior.Contiguous, invert: false),
        "Punctuation" => new SplitPreTokenizer(CharacterPattern.Punctuation, Behavior(part), invert: false),
        "Whitespace" => new SplitPreTokenizer(new RegexPattern(Words), SplitBehavior.Removed, invert: true),
        "WhitespaceSplit" => new SplitPreTokenizer(CharacterPattern.WhiteSpace, SplitBehavior.Removed, invert: false),
        var other => throw Refusals.Component("pre-tokenizer", other),
    };

    /// <summary>The character of a Metaspace pre-tokenizer or decoder.</summary>
    public static char Replacement(JsonElement part) =>
        (part.Optional("replacement") ?? "\u2581") is [var single] ? single
            : throw Refusals.Broken("the replacement of a Metaspace is not one character");

    /// <summary>The prefix rule of a Metaspace pre-tokenizer or decoder.</summary>
    public static PrependScheme Scheme(JsonElement part) => part.Optional("prepend_scheme") switch
    {
        _ when !part.Flag("add_prefix_space", true) => PrependScheme.Never,
        null or "always" => PrependScheme.Always,
        "first" => PrependScheme.First,
        "never" => PrependScheme.Never,
        var other => throw Refusals.Component("prepend scheme", other),
    };

    private static SplitBehavior Behavior(JsonElement part)
    {
        var name = part.Optional("behavior") ?? nameof(SplitBehavior.Isolated);
        return Enum.TryParse<SplitBehavior>(name, ignoreCase: true, out var behavior)
            ? behavior
            : throw Refusals.Component("split behaviour", name);
    }
}
