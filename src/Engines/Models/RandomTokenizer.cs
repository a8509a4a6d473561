using System.Text.Json;

namespace StreamCore.Engines.Models;

/// <summary>
/// The tokenizer of random models: byte-level BPE in which every id spells something. Ids 0 to 255 are the bytes, then come all pairs of
/// letters (with their merges), words of three and four letters with a space before them, and last the three tokens of ChatML.
/// </summary>
internal static class RandomTokenizer
{
    private const int Letters = 26;
    private const int Pairs = Letters * Letters;
    private const int Triples = Pairs * Letters;

    /// <summary>How GPT-2 and its heirs cut text before merging; this is Qwen2's form.</summary>
    private const string SplitPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string ChatTemplate =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    private static readonly string[] Specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    /// <summary>The id that ends a chat message: the last one.</summary>
    public static int EosId(int vocabulary) => vocabulary - 1;

    /// <summary>Writes tokenizer.json, tokenizer_config.json and generation_config.json.</summary>
    public static void Write(string folder, int vocabulary, int context)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 256 + Specials.Length);
        WriteJson(Path.Combine(folder, "tokenizer.json"), json => WriteTokenizer(json, vocabulary));
        WriteJson(Path.Combine(folder, "tokenizer_config.json"), json => WriteTokenizerConfig(json, context));
        WriteJson(Path.Combine(folder, "generation_config.json"), json =>
        {
            json.WriteStartArray("eos_token_id");
            json.WriteNumberValue(EosId(vocabulary));
            json.WriteNumberValue(vocabulary - Specials.Length);
            json.WriteEndArray();
        });
    }

    private static void WriteTokenizer(Utf8JsonWriter json, int vocabulary)
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        for (var i = 0; i < Specials.Length; i++) WriteSpecial(json, vocabulary - Specials.Length + i, Specials[i]);
        json.WriteEndArray();
        json.WriteNull("normalizer");
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        json.WriteStartObject();
        json.WriteString("type", "Split");
        json.WriteStartObject("pattern");
        json.WriteString("Regex", SplitPattern);
        json.WriteEndObject();
        json.WriteString("behavior", "Isolated");
        json.WriteBoolean("invert", false);
        json.WriteEndObject();
        json.WriteStartObject();
        WriteByteLevel(json);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteNull("post_processor");
        json.WriteStartObject("decoder");
        WriteByteLevel(json);
        json.WriteEndObject();
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("unk_token");
        json.WriteBoolean("byte_fallback", false);
        WriteVocabulary(json, vocabulary - Specials.Length);
        json.WriteEndObject();
    }

    private static void WriteSpecial(Utf8JsonWriter json, int id, string content)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteString("content", content);
        json.WriteBoolean("single_word", false);
        json.WriteBoolean("lstrip", false);
        json.WriteBoolean("rstrip", false);
        json.WriteBoolean("normalized", false);
        json.WriteBoolean("special", true);
        json.WriteEndObject();
    }

    private static void WriteByteLevel(Utf8JsonWriter json)
    {
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", false);
        json.WriteBoolean("use_regex", false);
    }

    private static void WriteVocabulary(Utf8JsonWriter json, int count)
    {
        json.WriteStartObject("vocab");
        for (var id = 0; id < count; id++) json.WriteNumber(Spelling(id), id);
        json.WriteEndObject();
        json.WriteStartArray("merges");
        for (var id = 256; id < Math.Min(count, 256 + Pairs); id++)
            json.WriteStringValue(string.Join(' ', Spelling(id).AsEnumerable()));
        json.WriteEndArray();
    }

    private static string Spelling(int id) => id switch
    {
        < 256 => ByteSpelling((byte)id).ToString(),
        < 256 + Pairs => Word(id - 256, 2),
        < 256 + Pairs + Triples => ByteSpelling((byte)' ') + Word(id - 256 - Pairs, 3),
        _ => ByteSpelling((byte)' ') + Word(id - 256 - Pairs - Triples, 4),
    };

    private static string Word(int number, int length) =>
        string.Create(length, number, (letters, rest) =>
        {
            for (var i = letters.Length - 1; i >= 0; i--, rest /= Letters) letters[i] = (char)('a' + rest % Letters);
        });

    /// <summary>GPT-2's byte alphabet: printable Latin-1 characters stand for themselves, the other bytes for characters from 256 on.</summary>
    private static char ByteSpelling(byte value)
    {
        if (IsPrintable(value)) return (char)value;
        var place = 0;
        for (var b = 0; b < value; b++)
            if (!IsPrintable((byte)b)) place++;
        return (char)(256 + place);
    }

    private static bool IsPrintable(byte value) => value is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;

    private static void WriteTokenizerConfig(Utf8JsonWriter json, int context)
    {
        json.WriteString("tokenizer_class", "Qwen2Tokenizer");
        json.WriteBoolean("add_bos_token", false);
        json.WriteNull("bos_token");
        json.WriteString("eos_token", Specials[^1]);
        json.WriteString("pad_token", Specials[0]);
        json.WriteNumber("model_max_length", context);
        json.WriteString("chat_template", ChatTemplate);
    }

    private static void WriteJson(string path, Action<Utf8JsonWriter> body)
    {
        using var file = File.Create(path);
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = false });
        json.WriteStartObject();
        body(json);
        json.WriteEndObject();
    }
}
