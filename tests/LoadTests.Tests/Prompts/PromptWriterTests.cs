using StreamCore.LoadTests.Prompts;

namespace StreamCore.LoadTests.Tests.Prompts;

public sealed class PromptWriterTests
{
    [Fact]
    public void A_text_has_as_many_tokens_as_asked_for()
    {
        var lengths = new Dictionary<string, int> { ["a"] = 1, ["two"] = 2, ["three"] = 3 };
        var writer = new PromptWriter([.. lengths.Select(word => (word.Key, word.Value))], measured: true);
        var random = new Random(1);
        for (var tokens = 1; tokens < 200; tokens++)
            Assert.Equal(tokens, writer.Write(random, tokens).Split(' ').Sum(word => lengths[word]));
    }

    [Fact]
    public void Where_no_word_is_short_enough_a_text_stands_over_by_less_than_a_word()
    {
        var writer = new PromptWriter([("three", 3), ("four", 4)], measured: true);
        Assert.All(Enumerable.Range(1, 50), tokens =>
        {
            var written = writer.Write(new Random(tokens), tokens).Split(' ').Sum(word => word == "three" ? 3 : 4);
            Assert.InRange(written, tokens, tokens + 2);
        });
    }

    [Fact]
    public void Without_a_tokenizer_words_are_counted() =>
        Assert.Equal(1000, PromptWriter.CountingWords.Write(new Random(1), 1000).Split(' ').Length);

    [Fact]
    public void No_word_is_empty_or_holds_a_space() =>
        Assert.All(Words.All, word => Assert.Matches("^[A-Za-z]+$", word));
}
