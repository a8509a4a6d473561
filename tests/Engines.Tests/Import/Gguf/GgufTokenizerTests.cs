using System.Text;
using StreamCore.Engines.Import.Gguf;
using StreamCore.Engines.Models;
using StreamCore.Engines.Tokenization;
using StreamCore.Scheduler;
using Xunit;

namespace StreamCore.Engines.Tests.Import.Gguf;

public sealed class GgufTokenizerTests : IDisposable
{
    private const string Space = "\u2581";

    private static readonly string[] Words =
        ["a", "b", "c", "e", "h", "l", "o", "w", "r", "d", Space, "he", "ll", "lo", "hell", "hello", Space + "w", "or", "ld", "world", Space + "world", Space + "h", Space + Space, "é", "🙂", "🙂🙂"];

    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("gpt-2", "It's 2024, isn't it?", "It|'s| 2024|,| isn|'t| it|?")]
    [InlineData("llama-bpe", "It's 2024!\n\nX", "It|'s| |202|4|!\n\n|X")]
    [InlineData("qwen2", "It'S 20!\n\nX", "It|'S| |2|0|!\n\n|X")]
    [InlineData("smollm", "It's 20!\n\nX", "It|'s| |2|0|!|\n|\n|X")]
    [InlineData("default", "It's 2024!\n\nX", "It|'|s| |202|4|!|\n|\n|X")]
    [InlineData("deepseek-r1-qwen", "20 x", "2|0| x")]
    public void Text_is_cut_as_the_files_name_says(string pre, string text, string words)
    {
        // With a merge for every pair of letters of the words each word that is cut off becomes one token.
        var pieces = words.Split('|');
        var tokenizer = Load(writer => ByteLevel(writer, pre, pieces));
        Assert.Equal(pieces, tokenizer.Encode(text, special: false).Select(id => Encoding.UTF8.GetString(tokenizer.Bytes(id))));
    }

    [Fact]
    public void Kinds_of_tokens_are_kept()
    {
        var tokenizer = Load(writer => ByteLevel(writer, "gpt-2", [], ("<|im_end|>", 3), ("<think>", 4), ("[PAD9]", 5), ("<|eot_id|>", 4)));
        Assert.True(tokenizer.TryGetId("<|im_end|>", out var end) && tokenizer.IsSpecial(end));
        Assert.True(tokenizer.TryGetId("<think>", out var think) && !tokenizer.IsSpecial(think));
        Assert.False(tokenizer.TryGetId("[PAD9]", out _));
        Assert.Equal([think, end], tokenizer.Encode("<think><|im_end|>", special: true));
        Assert.Equal(11, tokenizer.Encode("<think><|im_end|>", special: false).Length);
        Assert.True(tokenizer.TryGetId("<|eot_id|>", out var turn) && tokenizer.IsSpecial(turn));
        Assert.Equal([end, turn], Folder().EosTokenIds.Order());
    }

    [Theory]
    [InlineData("qwen2", null, false)]
    [InlineData("llama-bpe", null, true)]
    [InlineData("llama-bpe", false, false)]
    [InlineData("gpt-2", true, true)]
    public void The_begin_token_is_added_where_the_file_or_its_family_says(string pre, bool? said, bool adds)
    {
        Load(writer =>
        {
            ByteLevel(writer, pre, [], ("<s>", 3), ("</s>", 3));
            writer.Add("tokenizer.ggml.bos_token_id", 256u);
            writer.Add("tokenizer.ggml.eos_token_id", 257u);
            if (said is { } flag) writer.Add("tokenizer.ggml.add_bos_token", flag);
        });
        var folder = Folder();
        Assert.Equal((256, "<s>", "</s>", adds), (folder.BosTokenId, folder.BosToken, folder.EosToken, folder.AddsBosToken));
        Assert.Equal([257], folder.EosTokenIds);
    }

    [Fact]
    public void Every_named_end_ends_an_answer_the_usual_one_first()
    {
        Load(writer =>
        {
            ByteLevel(writer, "llama-bpe", [], ("<|end_of_text|>", 3), ("<|eot_id|>", 3), ("<|eom_id|>", 3), ("<x>", 3));
            writer.Add("tokenizer.ggml.eos_token_id", 257u);
            writer.Add("tokenizer.ggml.eot_token_id", 259u);
        });
        Assert.Equal([257, 259, 258, 256], Folder().EosTokenIds);
    }

    [Fact]
    public void Sentence_pieces_are_joined_by_their_scores()
    {
        var tokenizer = Load(writer => SentencePiece(writer, Words, prefixed: true));
        Assert.True(tokenizer.StripsLeadingSpace);
        var random = new Random(1);
        var alphabet = new[] { "h", "e", "l", "o", "w", "r", "d", " ", " ", "🙂", "é", "x", "hello", " world" };
        foreach (var text in Enumerable.Range(0, 300).Select(_ => string.Concat(random.GetItems(alphabet, random.Next(1, 12)))))
        {
            var ids = tokenizer.Encode(text, special: false);
            Assert.Equal(JoinedByScore(Space + text.Replace(" ", Space)), ids.Select(id => Spelled(tokenizer, id)));
            Assert.Equal(" " + text, Encoding.UTF8.GetString([.. ids.SelectMany(id => tokenizer.Bytes(id).ToArray())]));
        }
        Assert.Equal((1, true), (Folder().BosTokenId, Folder().AddsBosToken));
        Assert.Equal([2], Folder().EosTokenIds);
    }

    [Fact]
    public void A_file_may_have_no_space_before_a_text()
    {
        var tokenizer = Load(writer => SentencePiece(writer, Words, prefixed: false));
        Assert.False(tokenizer.StripsLeadingSpace);
        Assert.Equal(["hello", " h"], tokenizer.Encode("hello h", special: false).Select(id => Encoding.UTF8.GetString(tokenizer.Bytes(id))));
    }

    [Fact]
    public void Scores_must_be_there_and_as_many_as_tokens()
    {
        Assert.Equal($"'{_temp["t.gguf"]}' has no tokenizer.ggml.scores in its metadata.", Refused(writer =>
        {
            writer.Add("tokenizer.ggml.model", "llama");
            writer.Add("tokenizer.ggml.tokens", ["a", "b", "c"]);
        }));
        Assert.Equal($"'{_temp["t.gguf"]}': tokenizer.ggml.scores must be as long as tokenizer.ggml.tokens, 3.", Refused(writer =>
        {
            writer.Add("tokenizer.ggml.model", "llama");
            writer.Add("tokenizer.ggml.tokens", ["a", "b", "c"]);
            writer.Add("tokenizer.ggml.scores", [1f]);
        }));
        Assert.Equal($"'{_temp["t.gguf"]}' has no tokenizer.ggml.merges in its metadata.", Refused(writer =>
        {
            writer.Add("tokenizer.ggml.model", "gpt2");
            writer.Add("tokenizer.ggml.tokens", ["a", "b", "c"]);
        }));
    }

    /// <summary>SentencePiece's own way: always the neighbours whose piece has the highest score, the first of equals.</summary>
    private static List<string> JoinedByScore(string text)
    {
        var scores = Words.Select((word, i) => (word, i)).ToDictionary(entry => entry.word, entry => Score(entry.i));
        var pieces = text.EnumerateRunes().Select(rune => rune.ToString()).ToList();
        while (true)
        {
            var pairs = Enumerable.Range(0, pieces.Count - 1).Where(i => scores.ContainsKey(pieces[i] + pieces[i + 1])).ToList();
            if (pairs.Count == 0) break;
            var best = pairs.MaxBy(i => scores[pieces[i] + pieces[i + 1]]);
            pieces[best] += pieces[best + 1];
            pieces.RemoveAt(best + 1);
        }
        return [.. pieces.SelectMany(piece => scores.ContainsKey(piece) ? [piece] : Encoding.UTF8.GetBytes(piece).Select(value => $"<0x{value:X2}>"))];
    }

    private static string Spelled(ITokenizer tokenizer, int id) =>
        id is >= 3 and < 259 ? $"<0x{id - 3:X2}>" : Encoding.UTF8.GetString(tokenizer.Bytes(id)).Replace(" ", Space);

    /// <summary>Longer pieces first, as in trained models.</summary>
    private static double Score(int i) => -100.0 + 10 * Words[i].Length - i * 0.25;

    private static void SentencePiece(GgufWriter writer, string[] words, bool prefixed)
    {
        writer.Add("tokenizer.ggml.model", "llama");
        writer.Add("tokenizer.ggml.pre", "default");
        writer.Add("tokenizer.ggml.tokens", [.. new[] { "<unk>", "<s>", "</s>" }, .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), .. words]);
        writer.Add("tokenizer.ggml.scores", [.. new float[259], .. words.Select((_, i) => (float)Score(i))]);
        writer.Add("tokenizer.ggml.token_type", [2, 3, 3, .. Enumerable.Repeat(6, 256), .. words.Select(_ => 1)]);
        if (!prefixed) writer.Add("tokenizer.ggml.add_space_prefix", false);
    }

    /// <summary>The bytes as tokens 0 to 255, then the tokens given, then what the words are joined from.</summary>
    private static void ByteLevel(GgufWriter writer, string pre, string[] words, params (string Spelling, int Kind)[] others)
    {
        var bytes = Enumerable.Range(0, 256).Select(value => Alphabet((byte)value)).ToList();
        var (joined, merges) = (new List<string>(), new List<string>());
        foreach (var word in words.Select(word => string.Concat(Encoding.UTF8.GetBytes(word).Select(Alphabet))))
            for (var length = 2; length <= word.Length; length++)
            {
                if (joined.Contains(word[..length])) continue;
                joined.Add(word[..length]);
                merges.Add($"{word[..(length - 1)]} {word[length - 1]}");
            }
        writer.Add("tokenizer.ggml.model", "gpt2");
        writer.Add("tokenizer.ggml.pre", pre);
        writer.Add("tokenizer.ggml.tokens", [.. bytes, .. others.Select(other => other.Spelling), .. joined]);
        writer.Add("tokenizer.ggml.token_type", [.. bytes.Select(_ => 1), .. others.Select(other => other.Kind), .. joined.Select(_ => 1)]);
        writer.Add("tokenizer.ggml.merges", merges);
    }

    private static string Alphabet(byte value)
    {
        static bool Visible(int b) => b is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;
        return ((char)(Visible(value) ? value : 256 + Enumerable.Range(0, value).Count(b => !Visible(b)))).ToString();
    }

    private ITokenizer Load(Action<GgufWriter> metadata)
    {
        using (var writer = new GgufWriter(_temp["t.gguf"]))
        {
            metadata(writer);
            writer.Describe([]);
        }
        using var file = GgufFile.Open(_temp["t.gguf"]);
        Directory.CreateDirectory(_temp["tokenizer"]);
        GgufTokenizer.Write(file.Metadata, _temp["tokenizer"]);
        return TokenizerLoader.Load(_temp["tokenizer"]);
    }

    private string Refused(Action<GgufWriter> metadata)
    {
        File.Delete(_temp["t.gguf"]);
        return Assert.Throws<ModelFolderException>(() => Load(metadata)).Message;
    }

    /// <summary>The folder as the host would see it.</summary>
    private ModelFolder Folder()
    {
        RandomModel.Write(_temp["m"], "llama-tiny", seed: 1);
        foreach (var file in Directory.GetFiles(_temp["tokenizer"])) File.Copy(file, Path.Combine(_temp["m"], Path.GetFileName(file)), overwrite: true);
        var folder = ModelFolder.Open(_temp["m"]);
        Directory.Delete(_temp["m"], recursive: true);
        return folder;
    }
}
