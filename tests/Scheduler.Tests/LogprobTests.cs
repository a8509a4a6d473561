using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests;

public sealed class LogprobTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Logprobs_are_the_log_softmax_of_the_logits_as_they_were(int top)
    {
        await using var harness = new Harness();
        var rows = new List<float[]>();
        harness.Engine.Rewrite = (_, row) => rows.Add([.. row]);
        var sampling = Harness.Sampling(
            temperature: 0.5f, seed: 4, penalties: new Protocol.PenaltySettings(1.3f, 1, 0.5f), bias: [new Protocol.TokenBias('e', 5)]);
        var generation = harness.Submit(harness.Request("score", maxTokens: 8, sampling) with { TopLogprobs = top, IgnoreEos = true });
        await generation.Completion;
        var logprobs = generation.Logprobs!;
        Assert.Equal(8, generation.ToldLogprobs);
        for (var i = 0; i < 8; i++)
        {
            var plain = LogSoftmax(rows[i]);
            var token = logprobs.Token(i);
            Assert.Equal(plain[token.Token], token.Logprob, 1e-4);
            var expected = Enumerable.Range(0, plain.Length).OrderByDescending(id => rows[i][id]).ThenBy(id => id).Take(top).ToArray();
            Assert.Equal(expected, logprobs.Top(i).ToArray().Select(entry => entry.Token));
            Assert.All(logprobs.Top(i).ToArray(), entry => Assert.Equal(plain[entry.Token], entry.Logprob, 1e-4));
        }

        Assert.Equal(Enumerable.Range(0, 8).Average(i => logprobs.Token(i).Logprob), logprobs.Mean, 1e-4);
        generation.Dispose();
    }

    [Fact]
    public async Task Who_does_not_ask_gets_none()
    {
        await using var harness = new Harness();
        var generation = harness.Submit("plain");
        await generation.Completion;
        Assert.Null(generation.Logprobs);
        Assert.Null(generation.PromptLogprobs);
        generation.Dispose();
    }

    [Fact]
    public async Task Deltas_tell_of_every_token_once_and_with_its_text()
    {
        await using var harness = new Harness();
        // Half characters, text held back for a stop string, a token that adds nothing.
        harness.Engine.Says([.. "the st"u8.ToArray().Select(b => (int)b), 0xF0, 0x9F, 0x98, 0x80, 'a', ScriptedTokenizer.UserToken, 'b', 0xE6]);
        var generation = harness.Submit(harness.Request(Harness.Ask, maxTokens: 50) with { TopLogprobs = 1, StopStrings = ["stop"] });
        var told = 0;
        while (await generation.WaitToReadAsync())
        {
            while (generation.TryRead(out var delta))
            {
                Assert.Equal(told, delta.FirstLogprob);
                told += delta.LogprobCount;
                var end = delta.Start + delta.Length;
                for (var i = 0; i < delta.LogprobCount; i++) Assert.True(generation.Logprobs!.TextStart(delta.FirstLogprob + i) <= end);
            }
        }

        Assert.Equal(14, told);
        Assert.Equal(14, generation.ToldLogprobs);
        Assert.Equal(0, generation.Logprobs!.TextStart(0));
        Assert.Equal(6, generation.Logprobs.TextStart(6));
        generation.Dispose();
    }

    [Fact]
    public async Task A_stop_string_takes_its_tokens_with_it()
    {
        await using var harness = new Harness();
        harness.Engine.Says("one stop two");
        var generation = harness.Submit(harness.Request(Harness.Ask, maxTokens: 50) with { TopLogprobs = 0, StopStrings = ["stop"] });
        Assert.Equal("one ", await ReadAsync(generation));
        Assert.Equal("one ", string.Concat(Enumerable.Range(0, generation.ToldLogprobs).Select(i => (char)generation.Logprobs!.Token(i).Token)));
        generation.Dispose();
    }

    [Theory]
    [InlineData(1024, 64)]
    [InlineData(1024, 8)]
    [InlineData(40, 8)]
    public async Task A_scored_prompt_has_the_logprobs_of_all_its_tokens_beside_others_and_after_preemption(int blockCount, int maxStepLogits)
    {
        const string Prompt = "a prompt that is long enough for several chunks";
        await using var plain = new Harness();
        var rows = new Dictionary<int, float[]>();
        plain.Engine.Rewrite = (sequence, row) => rows[sequence.Count] = [.. row];
        for (var length = 1; length <= Prompt.Length; length++)
        {
            using var one = plain.Submit(plain.Request(Prompt[..length], maxTokens: 1) with { CacheScope = $"{length}" });
            await one.Completion;
        }

        await using var harness = new Harness(
            new ScriptedEngine(blockCount: blockCount, maxStepLogits: maxStepLogits), new SchedulerOptions { MaxRunningSequences = 6, StepTokens = 20, PrefillChunkTokens = 9 });
        harness.Engine.Hold();
        var others = Enumerable.Range(0, 4).Select(i => harness.Submit(harness.Request($"{i}{Prompt[..20]}", maxTokens: 30) with { IgnoreEos = true })).ToArray();
        var scored = harness.Submit(harness.Request(Prompt, maxTokens: 20) with { TopLogprobs = 2, ScoresPrompt = true, IgnoreEos = true });
        var alone = harness.Submit(harness.Request(Prompt, maxTokens: 20) with { IgnoreEos = true });
        harness.Engine.Open();
        Assert.Equal(await ReadAsync(alone), await ReadAsync(scored));
        await Task.WhenAll(others.Select(ReadAsync));

        var logprobs = scored.PromptLogprobs!;
        Assert.Equal(Prompt.Length, logprobs.Count);
        Assert.True(float.IsNaN(logprobs.Token(0).Logprob));
        Assert.Empty(logprobs.Top(0).ToArray());
        for (var i = 1; i < Prompt.Length; i++)
        {
            Assert.Equal((int)Prompt[i], logprobs.Token(i).Token);
            Assert.Equal(LogSoftmax(rows[i])[Prompt[i]], logprobs.Token(i).Logprob, 1e-4);
            Assert.Equal(2, logprobs.Top(i).Length);
        }

        if (blockCount < 100) Assert.True(harness.Metric("streamcore.preemptions") > 0);
        foreach (var generation in others.Append(scored).Append(alone)) generation.Dispose();
    }

    [Fact]
    public async Task Without_an_answer_the_prompt_alone_is_scored()
    {
        await using var harness = new Harness();
        var generation = harness.Submit(harness.Request("score me", maxTokens: 0) with { TopLogprobs = 0, ScoresPrompt = true });
        var outcome = await generation.Completion;
        Assert.Equal(Protocol.FinishReason.Length, outcome.FinishReason);
        Assert.Equal(0, generation.CompletionTokens);
        Assert.Equal(8, generation.PromptLogprobs!.Count);
        generation.Dispose();
    }

    private static async Task<string> ReadAsync(Generation generation)
    {
        await generation.Completion;
        return System.Text.Encoding.UTF8.GetString(generation.AllText().Span);
    }

    private static double[] LogSoftmax(float[] row)
    {
        var max = row.Max();
        var sum = row.Sum(logit => Math.Exp(logit - max));
        return [.. row.Select(logit => logit - max - Math.Log(sum))];
    }
}
