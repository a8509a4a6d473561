using System.Text.Json;

namespace StreamCore.Engines.Tokenization.Files;

/// <summary>
/// A tokenizer.json taken apart: the small components as JSON values, the vocabulary and the merges, which are nearly all
/// of the file, as the bytes of their JSON.
/// </summary>
internal sealed class TokenizerFile
{
    private readonly Dictionary<string, JsonElement> _parts = [];
    private readonly Dictionary<string, JsonElement> _model = [];

    private TokenizerFile(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Refusals.Broken("it is not a JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "model" when reader.TokenType == JsonTokenType.StartObject:
                    ReadModel(ref reader, json);
                    break;
                case "normalizer" or "pre_tokenizer" or "decoder" or "added_tokens":
                    _parts[name] = JsonElement.ParseValue(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    /// <exception cref="JsonException">The file is not JSON.</exception>
    public static TokenizerFile Read(byte[] file)
    {
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        return new TokenizerFile(file.AsSpan().StartsWith(byteOrderMark) ? file.AsMemory(3) : file);
    }

    /// <summary>The JSON of the model's vocabulary; empty when it has none.</summary>
    public ReadOnlyMemory<byte> Vocabulary { get; private set; }

    /// <summary>The JSON of the model's merges; empty when it has none.</summary>
    public ReadOnlyMemory<byte> Merges { get; private set; }

    /// <summary>A top-level part; undefined when the file has none.</summary>
    public JsonElement Part(string name) => _parts.GetValueOrDefault(name);

    /// <summary>A field of the model other than its vocabulary and merges.</summary>
    public JsonElement ModelField(string name) => _model.GetValueOrDefault(name);

    /// <summary>The kind of model. Old files do not say: BPE has merges, Unigram lists its vocabulary with scores.</summary>
    public string ModelType()
    {
        if (ModelField("type") is { ValueKind: JsonValueKind.String } type)
            return type.GetString()!;
        if (!Merges.IsEmpty)
            return "BPE";
        if (Vocabulary.IsEmpty)
            throw Refusals.Broken("it has no model");
        return Vocabulary.Span[0] == '[' ? "Unigram" : "WordPiece";
    }

    private void ReadModel(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (name is not ("vocab" or "merges"))
            {
                _model[name] = JsonElement.ParseValue(ref reader);
                continue;
            }
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var value = json[start..(int)reader.BytesConsumed];
            if (name == "vocab")
                Vocabulary = value;
            else
                Merges = value;
        }
    }
}
