using System.Text;
using System.Text.Json.Nodes;
using StreamCore.Engines.Models;
using StreamCore.Engines.Tokenization;
using Xunit;
using static StreamCore.Engines.Tests.Tokenization.TokenizerFixtures;

namespace StreamCore.Engines.Tests.Tokenization;

public class TokenizerLoaderTests
{
    [Theory]
    [InlineData("normalizer", """{"type":"BertNormalizer"}""", "BertNormalizer")]
    [InlineData("normalizer", """{"type":"Precompiled","precompiled_charsmap":""}""", "Precompiled")]
    [InlineData("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"UnicodeScripts"}]}""", "UnicodeScripts")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"\\p{Thai}"},"behavior":"Isolated"}""", "Thai")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"String":"a"},"behavior":"Sideways"}""", "Sideways")]
    [InlineData("pre_tokenizer", """{"type":"Split","behavior":"Isolated"}""", "pattern")]
    [InlineData("decoder", """{"type":"WordPiece"}""", "WordPiece")]
    [InlineData("decoder", """{"type":"Strip","content":"_","start":1}""", "Strip")]
    [InlineData("model", """{"type":"Unigram","vocab":[]}""", "Unigram")]
    [InlineData("model", """{"vocab":[["a",1.5]],"unk_id":0}""", "Unigram")]
    [InlineData("model", """{"vocab":{"a":0},"unk_token":"a"}""", "WordPiece")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":[],"continuing_subword_prefix":"##"}""", "##")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":["a b"]}""", "\"b\"")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":["ab"]}""", "ab")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":-1},"merges":[]}""", "-1")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":2000000000},"merges":[]}""", "2000000000")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":[],"unk_token":"<unk>"}""", "<unk>")]
    [InlineData("model", """{"type":"BPE","vocab":[],"merges":{}}""", "vocabulary")]
    [InlineData("model", "null", "model")]
    public void What_is_not_supported_is_refused_by_name(string part, string json, string named)
    {
        var refusal = Assert.Throws<ModelFolderException>(() => Changed("gpt2", file => file[part] = JsonNode.Parse(json)));
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"model\":{\"vocab\":{\"a\":0")]
    [InlineData("{\"added_tokens\":{}}")]
    [InlineData("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"\\ud83d\":0},\"merges\":[]}}")]
    public void A_damaged_file_is_refused(string json) =>
        Assert.Throws<ModelFolderException>(() => TokenizerLoader.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_missing_file_is_refused() =>
        Assert.Throws<ModelFolderException>(() => TokenizerLoader.Load(PathOf("no-such-folder")));

    [Fact]
    public void A_model_without_a_type_is_known_by_its_merges()
    {
        var tokenizer = Changed("gpt2", json => json["model"]!.AsObject().Remove("type"));
        Assert.Equal(Load("gpt2").Encode("the server", special: false), tokenizer.Encode("the server", special: false));
    }

    [Fact]
    public void Merges_may_come_before_the_vocabulary_and_a_byte_order_mark_before_all()
    {
        var json = JsonNode.Parse(File.ReadAllText(PathOf("qwen2.json")))!.AsObject();
        var model = json["model"]!.AsObject();
        var vocabulary = model["vocab"]!.DeepClone();
        model.Remove("vocab");
        model.Add("vocab", vocabulary);
        var tokenizer = TokenizerLoader.Parse([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(json.ToJsonString())]);
        Assert.Equal(Load("qwen2").Encode("the server", special: false), tokenizer.Encode("the server", special: false));
    }

    [Fact]
    public void A_folder_is_read_by_its_tokenizer_json()
    {
        var folder = Directory.CreateTempSubdirectory();
        File.Copy(PathOf("gpt2.json"), Path.Combine(folder.FullName, "tokenizer.json"));
        Assert.Equal(Load("gpt2").VocabularySize, TokenizerLoader.Load(folder.FullName).VocabularySize);
        folder.Delete(recursive: true);
    }

    [Fact]
    public void An_end_of_word_suffix_marks_the_last_character_and_is_a_space()
    {
        const string Json = """
            {"model":{"type":"BPE","unk_token":"?","end_of_word_suffix":"</w>","vocab":{"?":0,"a":1,"b":2,"b</w>":3,"ab</w>":4,"a</w>":5},"merges":["a b</w>"]},
             "pre_tokenizer":{"type":"WhitespaceSplit"},"decoder":{"type":"BPEDecoder","suffix":"</w>"}}
            """;
        var tokenizer = TokenizerLoader.Parse(Encoding.UTF8.GetBytes(Json));
        Assert.Equal([4, 2, 5, 0], tokenizer.Encode("ab ba x", special: false));
        Assert.Equal("ab "u8, tokenizer.Bytes(4));
    }
}
