using System.Text.Json;
using StreamCore.Engines.Tokenization.Bpe;

namespace StreamCore.Engines.Tokenization.Files;

/// <summary>Reads the model of a BPE tokenizer.json.</summary>
internal static class BpeFile
{
    // Ids index tables, so an absurd one must not become an allocation.
    private const int MaxId = 1 << 24;

    private const char Space = '\u2581';

    /// <summary>The spellings and ids of "vocab".</summary>
    public static Dictionary<string, int> ReadVocabulary(ReadOnlySpan<byte> json)
    {
        // About twelve bytes of JSON for each token.
        var ids = new Dictionary<string, int>(json.Length / 12);
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Refusals.Broken("the vocabulary of the BPE model is not an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var spelling = reader.GetString()!;
            if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var id))
                throw Refusals.Broken($"the id of \"{spelling}\" is not a number");
            CheckId(id, spelling);
            ids[spelling] = id;
        }
        return ids;
    }

    public static void CheckId(int id, string spelling)
    {
        if (id is < 0 or > MaxId)
            throw Refusals.Broken($"the id {id} of \"{spelling}\" is out of range");
    }

    public static BpeModel ReadModel(TokenizerFile file, Vocabulary vocabulary)
    {
        if (Text(file, "continuing_subword_prefix") is { Length: > 0 } prefix)
            throw Refusals.Component("continuing subword prefix", prefix);
        var (merges, acrossSpace) = ReadMerges(file.Merges.Span, vocabulary);
        return new BpeModel(vocabulary, new MergeTable(merges), acrossSpace, new BpeOptions
        {
            UnknownToken = Text(file, "unk_token"),
            FusesUnknown = Flag(file, "fuse_unk"),
            ByteFallback = Flag(file, "byte_fallback"),
            IgnoresMerges = Flag(file, "ignore_merges"),
            EndOfWordSuffix = Text(file, "end_of_word_suffix") ?? "",
        });
    }

    /// <summary>Merges are written as "a b", or as ["a", "b"] in newer files.</summary>
    private static (List<Merge> Merges, bool AcrossSpace) ReadMerges(ReadOnlySpan<byte> json, Vocabulary vocabulary)
    {
        var merges = new List<Merge>(json.Length / 12);
        var acrossSpace = false;
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            throw Refusals.Broken("the merges of the BPE model are not a list");
        var text = new char[256];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var pair = reader.TokenType == JsonTokenType.StartArray
                ? ReadPair(ref reader, ref text)
                : ReadLine(ref reader, ref text);
            merges.Add(Resolve(pair, text, vocabulary));
            acrossSpace |= text[pair.Left - 1] != Space && text[pair.Left] == Space;
        }
        return (merges, acrossSpace);
    }

    /// <summary>Lengths of the two tokens, which stand one after the other in the buffer.</summary>
    private readonly record struct PairLengths(int Left, int Right);

    private static PairLengths ReadLine(ref Utf8JsonReader reader, ref char[] text)
    {
        var length = CopyString(ref reader, ref text, 0);
        var space = text.AsSpan(0, length).IndexOf(' ');
        if (space <= 0 || space == length - 1)
            throw Refusals.Broken($"the merge \"{text.AsSpan(0, length)}\" is not two tokens");
        text.AsSpan(space + 1, length - space - 1).CopyTo(text.AsSpan(space));
        return new PairLengths(space, length - space - 1);
    }

    private static PairLengths ReadPair(ref Utf8JsonReader reader, ref char[] text)
    {
        reader.Read();
        var left = CopyString(ref reader, ref text, 0);
        reader.Read();
        var right = CopyString(ref reader, ref text, left);
        if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray || left == 0 || right == 0)
            throw Refusals.Broken("a merge is not two tokens");
        return new PairLengths(left, right);
    }

    private static int CopyString(ref Utf8JsonReader reader, ref char[] text, int at)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw Refusals.Broken("a merge is not two tokens");
        if (reader.ValueSpan.Length > text.Length - at)
            Array.Resize(ref text, at + reader.ValueSpan.Length * 2);
        return reader.CopyString(text.AsSpan(at));
    }

    private static Merge Resolve(PairLengths pair, ReadOnlySpan<char> text, Vocabulary vocabulary) => new(
        Id(text[..pair.Left], vocabulary),
        Id(text.Slice(pair.Left, pair.Right), vocabulary),
        Id(text[..(pair.Left + pair.Right)], vocabulary));

    private static int Id(ReadOnlySpan<char> spelling, Vocabulary vocabulary) =>
        vocabulary.TryGetId(spelling, out var id)
            ? id
            : throw Refusals.Broken($"the merges speak of \"{spelling}\", which is not in the vocabulary");

    private static string? Text(TokenizerFile file, string name)
    {
        var field = file.ModelField(name);
        return field.IsAbsent() ? null
            : field.ValueKind == JsonValueKind.String ? field.GetString()
            : throw Refusals.Broken($"\"{name}\" of the model is not a string");
    }

    private static bool Flag(TokenizerFile file, string name) => file.ModelField(name).ValueKind == JsonValueKind.True;
}
