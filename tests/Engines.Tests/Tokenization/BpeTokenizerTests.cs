using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using StreamCore.TestKit;
using Xunit;
using static StreamCore.Engines.Tests.Tokenization.TokenizerFixtures;

namespace StreamCore.Engines.Tests.Tokenization;

public class BpeTokenizerTests
{
    public static TheoryData<string> Fixtures => [.. All];

    // Of the byte-level ones, qwen2 normalizes and smollm puts a space first.
    public static TheoryData<string> Lossless => ["gpt2", "llama3"];

    [Theory]
    [MemberData(nameof(Lossless))]
    public void Joined_bytes_are_the_text_whatever_it_is(string fixture)
    {
        // White space around these is taken along by the token.
        var tokenizer = Changed(fixture, json => Without(json, "<left>", "<right>"));
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), drawn =>
        {
            var whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(drawn.Get));
            return TextOf(tokenizer, tokenizer.Encode(drawn.Get, special: false)) == whole;
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Lossless))]
    public void Joined_bytes_are_the_text_for_every_kind_of_character(string fixture)
    {
        var tokenizer = Changed(fixture, json => Without(json, "<left>", "<right>"));
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var text = RandomText.Draw(random, 40);
            Assert.Equal(text, TextOf(tokenizer, tokenizer.Encode(text, special: false)));
        }
    }

    [Fact]
    public void Joined_bytes_of_a_byte_fallback_tokenizer_are_the_text_after_one_space()
    {
        var tokenizer = Changed("llama2", json => Without(json, "<left>", "<right>"));
        Assert.True(tokenizer.StripsLeadingSpace);
        var random = new Random(8);
        for (var i = 0; i < 300; i++)
        {
            var text = RandomText.Draw(random, 40).Replace('▁', '_');
            Assert.Equal(" " + text, TextOf(tokenizer, tokenizer.Encode(text, special: false)));
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Lone_surrogates_are_replaced(string fixture)
    {
        var tokenizer = Load(fixture);
        Assert.Equal(tokenizer.Encode("a\uFFFDb\uFFFD", special: true), tokenizer.Encode("a\uD800b\uDC00", special: true));
        Assert.Equal(tokenizer.Encode("\uFFFD😀", special: false), tokenizer.Encode("\uD83D\uD83D\uDE00", special: false));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void A_special_token_is_its_spelling_only_where_asked(string fixture)
    {
        var tokenizer = Load(fixture);
        Assert.True(tokenizer.TryGetId("<|im_end|>", out var id));
        Assert.True(tokenizer.IsSpecial(id));
        Assert.True(tokenizer.Bytes(id).IsEmpty);
        Assert.Equal([id, id], tokenizer.Encode("<|im_end|><|im_end|>", special: true));
        Assert.DoesNotContain(id, tokenizer.Encode("<|im_end|>", special: false));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void An_added_token_that_is_not_special_is_always_found_and_has_text(string fixture)
    {
        var tokenizer = Load(fixture);
        Assert.True(tokenizer.TryGetId("<tool_call>", out var id));
        Assert.False(tokenizer.IsSpecial(id));
        Assert.Equal("<tool_call>"u8, tokenizer.Bytes(id));
        Assert.Equal(id, Assert.Single(tokenizer.Encode("<tool_call>", special: false)));
    }

    [Fact]
    public void A_special_token_marked_normalized_is_found_in_the_middle_of_a_prompt()
    {
        var tokenizer = Changed("llama2", json =>
        {
            foreach (var token in json["added_tokens"]!.AsArray())
                token!["normalized"] = true;
        });
        Assert.True(tokenizer.TryGetId("</s>", out var end));
        Assert.Equal(2, tokenizer.Encode("a</s>b</s>", special: true).Count(id => id == end));
    }

    [Fact]
    public void An_added_token_with_letters_of_the_byte_alphabet_keeps_its_text()
    {
        var tokenizer = Changed("gpt2", json => json["added_tokens"]!.AsArray().Add(
            new JsonObject { ["id"] = 5000, ["content"] = "café", ["special"] = false, ["normalized"] = false }));
        Assert.Equal("un café", TextOf(tokenizer, tokenizer.Encode("un café", special: false)));
    }

    [Fact]
    public void Byte_tokens_are_their_byte_and_a_visible_space_is_a_space()
    {
        var tokenizer = Load("llama2");
        Assert.True(tokenizer.TryGetId("<0xE2>", out var value));
        Assert.Equal([0xE2], tokenizer.Bytes(value).ToArray());
        Assert.True(tokenizer.TryGetId("▁", out var space));
        Assert.Equal(" "u8, tokenizer.Bytes(space));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Unknown_ids_have_no_bytes(string fixture)
    {
        var tokenizer = Load(fixture);
        Assert.True(tokenizer.Bytes(-1).IsEmpty);
        Assert.True(tokenizer.Bytes(tokenizer.VocabularySize).IsEmpty);
        Assert.False(tokenizer.TryGetId("no such token", out _));
    }

    [Fact]
    public void Asking_for_bytes_allocates_nothing()
    {
        var tokenizer = Load("gpt2");
        var total = 0;
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var id = 0; id < tokenizer.VocabularySize; id++)
                total += tokenizer.Bytes(id).Length;
        }));
        Assert.True(total > tokenizer.VocabularySize);
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Many_threads_get_what_one_gets(string fixture)
    {
        var shared = Load(fixture);
        var texts = Read<string[]>("texts.json");
        var alone = texts.Select(text => Load(fixture).Encode(text, special: true)).ToArray();
        Parallel.For(0, texts.Length * 8, i =>
            Assert.Equal(alone[i % texts.Length], shared.Encode(texts[i % texts.Length], special: true)));
    }

    [Fact]
    public void Cutting_at_spaces_changes_nothing()
    {
        // A merge across a space, of tokens no text has, forbids the cut.
        var whole = Changed("llama2", json =>
        {
            json["model"]!["vocab"]!.AsObject().Add("<pad>▁", 4000);
            json["model"]!["vocab"]!.AsObject().Add("<pad>", 4001);
            json["model"]!["merges"]!.AsArray().Add(new JsonArray("<pad>", "▁"));
        });
        var cut = Load("llama2");
        var random = new Random(9);
        foreach (var text in Read<string[]>("texts.json").Concat(Enumerable.Range(0, 200).Select(_ => RandomText.Draw(random, 60))))
            Assert.Equal(whole.Encode(text, special: false), cut.Encode(text, special: false));
    }

    private static void Without(JsonObject json, params string[] contents)
    {
        var added = json["added_tokens"]!.AsArray();
        foreach (var token in added.Where(token => contents.Contains((string?)token!["content"])).ToList())
            added.Remove(token);
    }
}
