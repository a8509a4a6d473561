using StreamCore.Engines.StackFlow.Models;
using StreamCore.Engines.Tests.Tokenization;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow.Models;

public class TokenCounterTests
{
    private static readonly TokenCounter Typical = new(null, TokenEstimate.Typical);
    private static readonly TokenCounter Safe = new(null, TokenEstimate.Safe);

    // Counted with the tokenizer of Qwen 2.5 and 3, and of Llama 3.
    [Theory]
    [InlineData(7, 7, "What is the capital of Italy?")]
    [InlineData(14, 14, "Write a short poem about the sea, please. I like ships.")]
    [InlineData(16, 16, "Turn the light in the kitchen on, then tell me a joke about robots.")]
    [InlineData(6, 9, "你好,请介绍一下你自己。")]
    [InlineData(7, 8, "今日の天気はどうですか？")]
    [InlineData(14, 14, "def f(x):\n    return x * 2  # doubles\n")]
    [InlineData(10, 9, "{\"name\":\"Bob\",\"age\":42}")]
    [InlineData(15, 13, "https://example.com/a/b?id=123&x=Yz")]
    [InlineData(26, 25, "aGVsbG8gd29ybGQsIHRoaXMgaXMgYmFzZTY0")]
    [InlineData(10, 10, "WHY ARE YOU SHOUTING AT ME TODAY")]
    [InlineData(5, 9, "😀😀🎉 great!")]
    public void Estimates_are_not_below_the_true_counts_and_the_typical_one_not_far_above(int qwen, int llama, string text)
    {
        var most = Math.Max(qwen, llama);
        Assert.InRange(Typical.Count(text), most, 3 * most);
        Assert.InRange(Safe.Count(text), most, int.MaxValue);
    }

    [Theory]
    [InlineData("llama3")]
    [InlineData("qwen2")]
    [InlineData("gpt2")]
    public void The_safe_estimate_is_never_below_the_count_of_a_byte_level_tokenizer(string fixture)
    {
        var tokenizer = TokenizerFixtures.Changed(fixture, static _ => { });
        var random = new Random(11);
        for (var i = 0; i < 500; i++)
        {
            var text = RandomText.Draw(random, 60);
            Assert.True(Safe.Count(text) >= tokenizer.Encode(text, special: false).Length, text);
        }
    }

    [Fact]
    public void Characters_that_normalization_takes_apart_count_as_what_becomes_of_them()
    {
        const string quarterNote = "\U0001D15F"; // four bytes, eight after NFC
        Assert.Equal(8, Safe.Count(quarterNote));
    }

    [Fact]
    public void Markers_count_as_one_token_each()
    {
        Assert.Equal(3 + 3 * Safe.Count("a"), Safe.Count("a<|im_end|>a<｜Assistant｜>a<end_of_utterance>"));
        Assert.Equal(1, Typical.Count("<|start_header_id|>"));
    }

    [Fact]
    public void A_tokenizer_counts_exactly()
    {
        var tokenizer = TokenizerFixtures.Load("qwen2");
        var counter = new TokenCounter(tokenizer, TokenEstimate.Typical);
        const string text = "the server of the servers 12 <|im_end|>";
        Assert.Equal(tokenizer.Encode(text, special: true).Length, counter.Count(text));
        Assert.False(counter.IsEstimated);
        Assert.True(Safe.IsEstimated);
    }

    [Fact]
    public void A_delta_is_three_tokens_or_as_many_as_it_has_bytes()
    {
        Assert.Equal([0, 1, 2, 3, 3], new[] { "", "a", "ab", "abc", " and so on" }.Select(text => Typical.CountDelta(System.Text.Encoding.UTF8.GetBytes(text))));
    }
}
