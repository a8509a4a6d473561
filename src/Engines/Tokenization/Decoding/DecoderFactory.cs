using System.Text.Json;
using StreamCore.Engines.Tokenization.Files;
using StreamCore.Engines.Tokenization.Normalizers;
using StreamCore.Engines.Tokenization.Patterns;
using StreamCore.Engines.Tokenization.PreTokenizers;

namespace StreamCore.Engines.Tokenization.Decoding;

/// <summary>Builds the "decoder" part of a tokenizer.json.</summary>
internal static class DecoderFactory
{
    private static readonly TokenDecoder Plain = new([], ByteLevel: false, ByteFallback: false, StripsLeadingSpace: false);

    public static TokenDecoder Create(JsonElement part) => part.IsAbsent() ? Plain : Add(Plain, part);

    private static TokenDecoder Add(TokenDecoder decoder, JsonElement part)
    {
        switch (part.ComponentType("decoder"))
        {
            case "Sequence":
                foreach (var step in part.Items("decoders"))
                    decoder = Add(decoder, step);
                return decoder;
            case "ByteLevel":
                return decoder with { ByteLevel = true };
            case "ByteFallback":
                return decoder with { ByteFallback = true };
            case "Fuse":
                return decoder;
            case "Replace":
                return Rewriting(decoder, part.Pattern(), part.Text("content"));
            case "Metaspace":
                return Rewriting(decoder, new LiteralPattern(PreTokenizerFactory.Replacement(part).ToString()), " ") with
                {
                    StripsLeadingSpace = PreTokenizerFactory.Scheme(part) != PrependScheme.Never,
                };
            case "BPEDecoder":
                return Rewriting(decoder, new LiteralPattern(part.Optional("suffix") ?? "</w>"), " ");
            case "Strip" when part.Text("content") == " " && part.Number("start", 0) <= 1 && part.Number("stop", 0) == 0:
                return part.Number("start", 0) == 0 ? decoder : decoder with { StripsLeadingSpace = true };
            case "Strip":
                throw Refusals.Component("decoder", "Strip of anything but one leading space");
            case var other:
                throw Refusals.Component("decoder", other);
        }
    }

    private static TokenDecoder Rewriting(TokenDecoder decoder, TextPattern pattern, string content) =>
        decoder with { Rewrites = [.. decoder.Rewrites, new ReplaceNormalizer(pattern, content)] };
}
