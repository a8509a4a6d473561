using Xunit;

namespace StreamCore.Scheduler.Tests;

public sealed class LogitsRuleTests
{
    [Fact]
    public async Task Rules_see_every_token_and_decide_what_may_come()
    {
        await using var harness = new Harness();
        var rule = new OnlyThese("abcabc");
        var free = harness.Submit(harness.Request("x", maxTokens: 6) with { IgnoreEos = true });
        var ruled = harness.Submit(harness.Request("x", maxTokens: 6, Harness.Seeded(3)) with { LogitsRules = [rule] });
        Assert.Equal("abcabc", await Harness.ReadAsync(ruled));
        Assert.Equal("abcabc".Select(letter => (int)letter), rule.Accepted);
        Assert.NotEqual("abcabc", await Harness.ReadAsync(free));
    }

    [Fact]
    public async Task A_rule_that_allows_nothing_or_throws_fails_its_generation_only()
    {
        await using var harness = new Harness();
        var stuck = harness.Submit(harness.Request("x", maxTokens: 9) with { LogitsRules = [new OnlyThese("ab")] });
        var other = harness.Submit(harness.Request("x", maxTokens: 9) with { IgnoreEos = true });
        Assert.Equal("ab", await Harness.ReadAsync(stuck));
        Assert.NotNull(stuck.Outcome?.Fault);
        await Harness.ReadAsync(other);
        Assert.Equal(9, other.CompletionTokens);
    }

    private sealed class OnlyThese(string text) : ILogitsRule
    {
        public List<int> Accepted { get; } = [];

        public void Apply(Span<float> logits)
        {
            var allowed = Accepted.Count < text.Length ? logits[text[Accepted.Count]] : float.NegativeInfinity;
            logits.Fill(float.NegativeInfinity);
            if (Accepted.Count < text.Length) logits[text[Accepted.Count]] = allowed;
        }

        public void Accept(int token) => Accepted.Add(token);
    }
}
