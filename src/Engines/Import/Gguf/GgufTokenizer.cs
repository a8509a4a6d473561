using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>Writes the tokenizer of a GGUF file as the files that Hugging Face models have: tokenizer.json, tokenizer_config.json and
/// generation_config.json.</summary>
internal static class GgufTokenizer
{
    private const string Space = "\u2581";

    private static readonly JsonWriterOptions Writing = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="ModelFolderException">The tokenizer is of a kind that cannot be imported, or broken.</exception>
    public static void Write(GgufMetadata metadata, string folder)
    {
        var vocabulary = new GgufVocabulary(metadata);
        WriteJson(folder, "tokenizer.json", json => WriteTokenizer(json, metadata, vocabulary));
        WriteJson(folder, "tokenizer_config.json", json =>
        {
            json.WriteBoolean("add_bos_token", vocabulary is { AddsBegin: true, Begin: not null });
            if (vocabulary.Begin is { } begin) json.WriteString("bos_token", vocabulary.Spellings[begin]);
            if (vocabulary.Ends is [var end, ..]) json.WriteString("eos_token", vocabulary.Spellings[end]);
            if (metadata.OptionalText("tokenizer.chat_template") is { } template) json.WriteString("chat_template", template);
        });
        WriteJson(folder, "generation_config.json", json =>
        {
            if (vocabulary.Begin is { } begin) json.WriteNumber("bos_token_id", begin);
            json.WriteStartArray("eos_token_id");
            foreach (var end in vocabulary.Ends) json.WriteNumberValue(end);
            json.WriteEndArray();
        });
    }

    private static void WriteTokenizer(Utf8JsonWriter json, GgufMetadata metadata, GgufVocabulary vocabulary)
    {
        json.WriteString("version", "1.0");
        WriteAdded(json, vocabulary);
        if (vocabulary.Model == GgufVocabulary.ByteLevelModel) WriteByteLevel(json, metadata, vocabulary);
        else WriteSentencePiece(json, metadata, vocabulary);
    }

    private static void WriteAdded(Utf8JsonWriter json, GgufVocabulary vocabulary)
    {
        json.WriteStartArray("added_tokens");
        for (var id = 0; id < vocabulary.Spellings.Length; id++)
        {
            if (vocabulary.Kinds[id] is not (GgufTokenKind.Control or GgufTokenKind.UserDefined or GgufTokenKind.Unknown)) continue;
            if (vocabulary.Spellings[id].Length == 0) continue;
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", vocabulary.Spellings[id]);
            json.WriteBoolean("single_word", false);
            json.WriteBoolean("lstrip", false);
            json.WriteBoolean("rstrip", false);
            json.WriteBoolean("normalized", false);
            json.WriteBoolean("special", vocabulary.Kinds[id] != GgufTokenKind.UserDefined);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteByteLevel(Utf8JsonWriter json, GgufMetadata metadata, GgufVocabulary vocabulary)
    {
        var preTokenizer = GgufPreTokenizers.Create(metadata.Path, vocabulary.PreTokenizer);
        // Qwen2's own tokenizer composes characters first; GGUF files have no word for it.
        Write(json, "normalizer", vocabulary.PreTokenizer == "qwen2" ? Typed("NFC") : null);
        Write(json, "pre_tokenizer", preTokenizer);
        Write(json, "decoder", Typed("ByteLevel"));
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteBoolean("ignore_merges", GgufPreTokenizers.IsLlama3(vocabulary.PreTokenizer));
        WritePieces(json, vocabulary, GgufTokenKind.Normal, GgufTokenKind.Byte);
        json.WriteStartArray("merges");
        foreach (var merge in metadata.Texts("tokenizer.ggml.merges")) json.WriteStringValue(merge);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSentencePiece(Utf8JsonWriter json, GgufMetadata metadata, GgufVocabulary vocabulary)
    {
        var prefixed = metadata.OptionalFlag("tokenizer.ggml.add_space_prefix") ?? true;
        var spaces = new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = " " }, ["content"] = Space };
        Write(json, "normalizer", prefixed
            ? Sequence("normalizers", new JsonObject { ["type"] = "Prepend", ["prepend"] = Space }, spaces)
            : spaces);
        Write(json, "decoder", Sequence(
            "decoders",
            new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = Space }, ["content"] = " " },
            Typed("ByteFallback"),
            Typed("Fuse"),
            new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = prefixed ? 1 : 0, ["stop"] = 0 }));
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteBoolean("byte_fallback", true);
        json.WriteBoolean("fuse_unk", true);
        if (Array.IndexOf(vocabulary.Kinds, GgufTokenKind.Unknown) is >= 0 and var unknown)
            json.WriteString("unk_token", vocabulary.Spellings[unknown]);
        WritePieces(json, vocabulary, GgufTokenKind.Normal, GgufTokenKind.Byte, GgufTokenKind.Unknown);
        json.WriteStartArray("merges");
        foreach (var (left, right) in Merges(metadata, vocabulary))
        {
            json.WriteStartArray();
            json.WriteStringValue(left);
            json.WriteStringValue(right);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static IEnumerable<(string Left, string Right)> Merges(GgufMetadata metadata, GgufVocabulary vocabulary)
    {
        var scores = metadata.OptionalNumbers("tokenizer.ggml.scores") ?? throw metadata.Missing("tokenizer.ggml.scores");
        if (scores.Length != vocabulary.Spellings.Length)
            throw metadata.Wrong("tokenizer.ggml.scores", $"as long as tokenizer.ggml.tokens, {vocabulary.Spellings.Length}");
        var pieces = Enumerable.Range(0, scores.Length).Where(id => vocabulary.Kinds[id] == GgufTokenKind.Normal).ToList();
        var ids = new Dictionary<string, int>(pieces.Count);
        foreach (var id in pieces) ids[vocabulary.Spellings[id]] = id;
        return SentencePieceMerges.From(ids.ToDictionary(entry => entry.Key, entry => scores[entry.Value]), ids);
    }

    private static void WritePieces(Utf8JsonWriter json, GgufVocabulary vocabulary, params ReadOnlySpan<GgufTokenKind> kinds)
    {
        json.WriteStartObject("vocab");
        for (var id = 0; id < vocabulary.Spellings.Length; id++)
            if (kinds.Contains(vocabulary.Kinds[id]) && vocabulary.Spellings[id].Length > 0)
                json.WriteNumber(vocabulary.Spellings[id], id);
        json.WriteEndObject();
    }

    private static JsonObject Typed(string type) => new() { ["type"] = type };

    private static JsonObject Sequence(string name, params JsonNode[] steps) => new() { ["type"] = "Sequence", [name] = new JsonArray(steps) };

    private static void Write(Utf8JsonWriter json, string name, JsonNode? value)
    {
        json.WritePropertyName(name);
        if (value is null) json.WriteNullValue();
        else value.WriteTo(json);
    }

    private static void WriteJson(string folder, string file, Action<Utf8JsonWriter> body)
    {
        using var stream = File.Create(Path.Combine(folder, file));
        using var json = new Utf8JsonWriter(stream, Writing);
        json.WriteStartObject();
        body(json);
        json.WriteEndObject();
    }
}
