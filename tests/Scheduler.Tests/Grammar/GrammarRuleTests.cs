using System.Text.Json;
using StreamCore.Protocol;
using StreamCore.Scheduler.Grammar;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests.Grammar;

[Collection(nameof(Allocations))]
public sealed class GrammarRuleTests
{
    private const string Person =
        """
        {"type":"object","properties":{"name":{"type":"string","maxLength":12},"age":{"type":"integer","minimum":0,"maximum":150},
         "tags":{"type":"array","items":{"enum":["a","b"]},"maxItems":3}},"required":["name","age","tags"]}
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_answer_under_a_grammar_ends_by_itself_as_a_whole_document(long seed)
    {
        await using var harness = new Harness();
        var grammar = Grammars.Compile(Grammars.Schema(Person), harness.Tokenizer);
        var generation = harness.Submit(harness.Request("x", maxTokens: 200, Harness.Seeded(seed)) with
        {
            LogitsRules = [new GrammarRule(grammar, [ScriptedTokenizer.EndToken])],
        });
        var text = await Harness.ReadAsync(generation);
        Assert.Equal(FinishReason.Stop, generation.Outcome?.FinishReason);
        using var document = JsonDocument.Parse(text);
        Assert.InRange(document.RootElement.GetProperty("age").GetInt32(), 0, 150);
        Assert.InRange(document.RootElement.GetProperty("tags").GetArrayLength(), 0, 3);
        Assert.Equal(3, document.RootElement.GetPropertyCount());
    }

    [Fact]
    public void Only_what_is_allowed_keeps_its_logit()
    {
        var tokens = new Grammars.Tokens("true", "false", "null", "<end>");
        var rule = new GrammarRule(Grammars.Compile(Grammars.Schema("""{"type":"boolean"}"""), tokens), [tokens.Id("<end>")]);
        Assert.Equal(["t", "f", "true", "false"], Allowed());
        rule.Accept(tokens.Id("true"));
        Assert.Equal(["<end>"], Allowed());
        Assert.Throws<InvalidOperationException>(() => rule.Accept(tokens.Id("false")));
        rule.Accept(tokens.Id("<end>"));
        Assert.Equal(["<end>"], Allowed());

        string[] Allowed()
        {
            var logits = new float[tokens.VocabularySize + 100]; // models have more logits than tokens
            Array.Fill(logits, 1);
            rule.Apply(logits);
            Assert.All(logits[tokens.VocabularySize..], value => Assert.Equal(float.NegativeInfinity, value));
            return [.. Enumerable.Range(0, tokens.VocabularySize).Where(token => logits[token] == 1).Select(tokens.Text).OrderBy(text => text.Length).ThenByDescending(text => text)];
        }
    }

    [Fact]
    public void A_token_costs_no_allocation_once_its_states_are_known()
    {
        var tokens = new Grammars.Tokens("\":\"", "\",\"", "ab", "abc", "e", "1", "},{", "\"},{\"", "the ", " of", "<end>");
        var grammar = Grammars.Compile(
            Grammars.Schema($$"""{"type":"array","items":{{Person}}}"""), tokens);
        var (logits, order) = (new float[tokens.VocabularySize], new Random(1));
        var end = tokens.Id("<end>");
        Write(new GrammarRule(grammar, [end]), 4000); // meets the states
        var rule = new GrammarRule(grammar, [end]);
        Assert.Equal(0, AllocatedBytes.Least(() => Write(rule, 1000))); // the first run grows its own arrays

        void Write(GrammarRule rule, int count)
        {
            for (var i = 0; i < count; i++)
            {
                for (var token = 0; token < logits.Length; token++)
                    logits[token] = order.NextSingle() - (tokens.Bytes(token).Contains((byte)']') ? 10 : 0);
                rule.Apply(logits);
                var best = 0;
                for (var token = 0; token < logits.Length; token++) best = logits[token] > logits[best] ? token : best;
                rule.Accept(best);
            }
        }
    }
}
