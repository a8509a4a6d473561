using System.Text.Json.Nodes;
using StreamCore.Engines.Models;
using StreamCore.Engines.Tokenization.Patterns;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>How byte-level tokenizers cut text before merging. A GGUF file has only the name of it; this has the parts of a tokenizer.json
/// that the name stands for.</summary>
internal static class GgufPreTokenizers
{
    private const string Contractions = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)";

    private static readonly Dictionary<string, Func<JsonObject>> Known = new()
    {
        ["gpt-2"] = () => ByteLevel(split: true),
        ["llama-bpe"] = () => Splits(KnownPatterns.Llama3),
        ["qwen2"] = () => Splits(KnownPatterns.Qwen2),
        ["smollm"] = () => Sequence(new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }, ByteLevel(split: true)),
        ["default"] = () => Splits(@"[\p{P}\$\+<=>\^~\|]+", Contractions, @"\p{N}+", "[0-9][0-9][0-9]"),
    };

    /// <summary>Other names for the same.</summary>
    private static readonly Dictionary<string, string> Aliases = new()
    {
        ["llama3"] = "llama-bpe",
        ["llama-v3"] = "llama-bpe",
        ["falcon3"] = "llama-bpe",
        ["smaug-bpe"] = "llama-bpe",
        ["dbrx"] = "llama-bpe",
        ["deepseek-r1-qwen"] = "qwen2",
        ["stablelm2"] = "qwen2",
        ["olmo"] = "gpt-2",
        ["mpt"] = "gpt-2",
        ["phi-2"] = "gpt-2",
        ["starcoder"] = "smollm",
        ["refact"] = "smollm",
        ["command-r"] = "smollm",
        ["codeshell"] = "smollm",
        ["exaone"] = "smollm",
    };

    /// <summary>The one whose words are tokens whatever the merges say, and whose texts begin with a token of their own.</summary>
    public static bool IsLlama3(string name) => name is "llama-bpe" or "llama3" or "llama-v3" or "falcon3";

    /// <exception cref="ModelFolderException">The name is not known.</exception>
    public static JsonObject Create(string path, string name) =>
        Known.TryGetValue(Aliases.GetValueOrDefault(name, name), out var create)
            ? create()
            : throw new ModelFolderException(
                $"'{path}': tokenizer.ggml.pre is {name}, which cannot be imported; known ones: {string.Join(", ", Known.Keys.Concat(Aliases.Keys))}.");

    /// <summary>The name of a tokenizer.json's pre-tokenizer; null if it has none.</summary>
    public static string? NameOf(JsonNode? preTokenizer) =>
        Known.FirstOrDefault(known => JsonNode.DeepEquals(known.Value(), preTokenizer)).Key;

    private static JsonObject Splits(params string[] patterns) =>
        Sequence([.. patterns.Select(Split), ByteLevel(split: false)]);

    private static JsonObject Sequence(params JsonNode[] steps) => new() { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(steps) };

    private static JsonNode Split(string pattern) => new JsonObject
    {
        ["type"] = "Split",
        ["pattern"] = new JsonObject { ["Regex"] = pattern },
        ["behavior"] = "Isolated",
        ["invert"] = false,
    };

    private static JsonObject ByteLevel(bool split) => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = false,
        ["trim_offsets"] = false,
        ["use_regex"] = split,
    };
}
