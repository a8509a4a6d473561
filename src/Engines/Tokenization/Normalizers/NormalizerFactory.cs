using System.Text.Json;
using StreamCore.Engines.Tokenization.Files;

namespace StreamCore.Engines.Tokenization.Normalizers;

/// <summary>Builds the "normalizer" part of a tokenizer.json.</summary>
internal static class NormalizerFactory
{
    public static INormalizer? Create(JsonElement part) => part.IsAbsent() ? null : part.ComponentType("normalizer") switch
    {
        "Sequence" => new SequenceNormalizer([.. part.Items("normalizers").Select(Create).OfType<INormalizer>()]),
        "NFC" => new UnicodeNormalizer(UnicodeForm.Nfc),
        "NFD" => new UnicodeNormalizer(UnicodeForm.Nfd),
        "NFKC" => new UnicodeNormalizer(UnicodeForm.Nfkc),
        "NFKD" => new UnicodeNormalizer(UnicodeForm.Nfkd),
        "Prepend" => new PrependNormalizer(part.Text("prepend")),
        "Replace" => new ReplaceNormalizer(part.Pattern(), part.Text("content")),
        "Lowercase" => new LowercaseNormalizer(),
        "Strip" => new StripNormalizer(part.Flag("strip_left", true), part.Flag("strip_right", true)),
        var other => throw Refusals.Component("normalizer", other),
    };
}
