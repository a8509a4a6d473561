using System.Text;
using StreamCore.Protocol;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests;

public sealed class GenerationTests
{
    [Fact]
    public async Task Text_comes_as_deltas_and_ends_with_the_reason()
    {
        await using var harness = new Harness();
        harness.Engine.Says("Hello, wörld 😀!");
        var generation = harness.Submit(Harness.Ask, maxTokens: 100);
        Assert.Equal("Hello, wörld 😀!", await Harness.ReadAsync(generation));
        Assert.Equal(FinishReason.Stop, (await generation.Completion).FinishReason);
        Assert.Equal(4, generation.PromptTokens);
        Assert.Equal(Encoding.UTF8.GetByteCount("Hello, wörld 😀!") + 1, generation.CompletionTokens);
    }

    [Fact]
    public async Task Each_step_gives_a_delta_of_whole_characters()
    {
        await using var harness = new Harness();
        harness.Engine.Hold();
        harness.Engine.Says("aé😀");
        var generation = harness.Submit(Harness.Ask);
        var deltas = new List<(string Text, int Tokens)>();
        await harness.Engine.StepWaits();
        for (var step = 1; step <= 7; step++)
        {
            await harness.Engine.NextStepWaits();
            if (generation.TryRead(out var delta))
                deltas.Add((Encoding.UTF8.GetString(generation.Text(delta).Span), delta.CompletionTokens));
        }

        Assert.Equal([("a", 1), ("é", 3), ("😀", 7)], deltas);
        harness.Engine.Open();
        Assert.True(await generation.WaitToReadAsync());
        Assert.True(generation.TryRead(out var last));
        Assert.Equal(new Delta(7, 0, 8, FinishReason.Stop, true), last);
        Assert.False(await generation.WaitToReadAsync());
        Assert.False(generation.TryRead(out _));
        generation.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task The_token_limit_ends_with_length(int maxTokens)
    {
        await using var harness = new Harness();
        harness.Engine.Says("abcdefgh");
        var generation = harness.Submit(Harness.Ask, maxTokens);
        Assert.Equal("abcdefgh"[..maxTokens], await Harness.ReadAsync(generation));
        Assert.Equal(FinishReason.Length, (await generation.Completion).FinishReason);
        Assert.Equal(maxTokens, generation.CompletionTokens);
    }

    [Fact]
    public async Task The_end_of_the_context_ends_with_length()
    {
        await using var harness = new Harness(new ScriptedEngine(maxContextTokens: 10));
        harness.Engine.Says("abcdefghijkl");
        var generation = harness.Submit(Harness.Ask, maxTokens: 1000);
        Assert.Equal("abcdef", await Harness.ReadAsync(generation));
        Assert.Equal(FinishReason.Length, (await generation.Completion).FinishReason);
    }

    [Fact]
    public async Task A_character_cut_off_by_the_limit_is_shown_as_replacement()
    {
        await using var harness = new Harness();
        harness.Engine.Says("a😀");
        Assert.Equal("a\uFFFD", await Harness.ReadAsync(harness.Submit(Harness.Ask, maxTokens: 3)));
    }

    [Fact]
    public async Task A_stop_token_may_be_ignored()
    {
        await using var harness = new Harness();
        harness.Engine.Says([.. "ab"u8.ToArray(), ScriptedTokenizer.EndToken, (int)'c', ScriptedTokenizer.EndToken]);
        var generation = harness.Submit(harness.Request(Harness.Ask, maxTokens: 4) with { IgnoreEos = true });
        Assert.Equal("abc", await Harness.ReadAsync(generation));
        Assert.Equal(FinishReason.Length, (await generation.Completion).FinishReason);
    }

    [Theory]
    [InlineData("Hello STOP world", "Hello ")]
    [InlineData("Hello STOSTOP", "Hello STO")]
    [InlineData("Hello STO", "Hello STO")]
    [InlineData("日本 ende", "日")]
    [InlineData("STOP", "")]
    public async Task A_stop_string_ends_the_text_before_it_wherever_tokens_are_cut(string said, string expected)
    {
        await using var harness = new Harness();
        harness.Engine.Says(said);
        var generation = harness.Submit(harness.Request(Harness.Ask, maxTokens: 50) with { StopStrings = ["STOP", "本", ""] });
        Assert.Equal(expected, await Harness.ReadAsync(generation));
        var outcome = await generation.Completion;
        Assert.Equal(FinishReason.Stop, outcome.FinishReason);
        Assert.Equal(said == "Hello STO" ? null : said.Contains('本') ? "本" : "STOP", outcome.StopString);
    }

    [Fact]
    public async Task The_space_of_a_dummy_prefix_is_stripped_from_an_answer_but_not_from_a_continuation()
    {
        await using var harness = new Harness(tokenizer: new ScriptedTokenizer(stripsLeadingSpace: true));
        harness.Engine.Says("  hi");
        Assert.Equal(" hi", await Harness.ReadAsync(harness.Submit(Harness.Ask)));
        var continuation = harness.Submit(harness.Request(Harness.Ask) with { ContinuesText = true });
        Assert.Equal("  hi", await Harness.ReadAsync(continuation));
    }

    [Fact]
    public async Task A_request_that_was_not_validated_is_a_bug()
    {
        await using var harness = new Harness();
        Assert.Throws<ArgumentException>(() => harness.Submit(harness.Request("")));
        Assert.Throws<ArgumentOutOfRangeException>(() => harness.Submit(harness.Request("a", maxTokens: -1)));
        Assert.Throws<ArgumentException>(() => harness.Submit(harness.Request("a") with { PromptTokens = [9999] }));
    }

    [Fact]
    public async Task The_text_of_a_disposed_generation_is_gone()
    {
        await using var harness = new Harness();
        var generation = harness.Submit("a");
        await generation.Completion;
        generation.Dispose();
        Assert.Throws<ObjectDisposedException>(() => generation.AllText());
    }
}
