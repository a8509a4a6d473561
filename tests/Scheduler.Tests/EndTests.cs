using StreamCore.Protocol;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests;

public sealed class EndTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public async Task No_answer_ends_before_its_least_length(int minTokens)
    {
        await using var harness = new Harness();
        harness.Engine.Rewrite = (_, row) => row[ScriptedTokenizer.EndToken] = 50;
        var ends = new EndSettings([], minTokens, false);
        var generation = harness.Submit(harness.Request("x", maxTokens: 30, Harness.Sampling(temperature: 0, ends: ends)));
        await Harness.ReadAsync(generation);
        Assert.Equal(minTokens + 1, generation.CompletionTokens); // and the token that ended it
        Assert.Equal(FinishReason.Stop, generation.Outcome!.FinishReason);
    }

    [Theory]
    [InlineData(false, "ab")]
    [InlineData(true, "a<|user|>b")]
    public async Task Special_tokens_show_only_where_they_are_asked_for(bool shows, string text)
    {
        await using var harness = new Harness();
        harness.Engine.Says(['a', ScriptedTokenizer.UserToken, 'b']);
        var sampling = Harness.Sampling(temperature: 0, showsSpecialTokens: shows);
        Assert.Equal(text, await Harness.ReadAsync(harness.Submit(Harness.Ask, sampling: sampling)));
    }

    [Fact]
    public async Task A_bias_forbids_or_forces_a_token()
    {
        await using var harness = new Harness();
        var forced = Harness.Sampling(seed: 3, bias: [new TokenBias('z', 100)]);
        Assert.Equal("zzzzz", await Harness.ReadAsync(harness.Submit("x", maxTokens: 5, forced)));
        var free = await Harness.ReadAsync(harness.Submit("x", maxTokens: 1, Harness.Sampling(temperature: 0)));
        var first = harness.Tokenizer.Encode(free, special: false)[0];
        var without = Harness.Sampling(temperature: 0, bias: [new TokenBias(first, -100)]);
        Assert.NotEqual(free, await Harness.ReadAsync(harness.Submit("x", maxTokens: 1, without)));
    }
}
