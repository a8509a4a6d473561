using System.Text;
using System.Text.Json;
using StreamCore.Host.Planning;
using StreamCore.Protocol;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Markers that are tokens of their own: special ones are found, and tokens of reasoning are counted.</summary>
public class SpecialMarkers
{
    private const string Mistral =
        "{%- if tools %}<|user|>[AVAILABLE_TOOLS]{{ tools | tojson }}{% endif %}{# [TOOL_CALLS] <think> #}"
        + "{%- for m in messages %}{% if m.tool_calls %}{{ m.tool_calls[0].id }}{% else %}{{ m.tool_call_id or m.content }}{% endif %}{% endfor %}<|assistant|>";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_after_a_special_token_is_found_and_reasoning_is_counted()
    {
        await using var server = await ScriptedServer.StartAsync(Mistral, new MarkedTokenizer());
        server.Says([
            MarkedTokenizer.ThinkToken, .. Tokens("hm"), MarkedTokenizer.EndThinkToken, .. Tokens("So"),
            MarkedTokenizer.CallsToken, .. Tokens("[{\"name\": \"f\", \"arguments\": {\"a\": 1}}]"),
        ]);
        foreach (var answer in new[]
        {
            await ChatAnswer.WholeAsync(server.Http, Ask(stream: false), Stop),
            await ChatAnswer.StreamedAsync(server.Http, Ask(stream: true), Stop),
        })
        {
            Assert.Equal(("So", "hm", "f {\"a\": 1}", "tool_calls"), (answer.Content, answer.Reasoning, answer.Calls, answer.FinishReason));
            using var usage = JsonDocument.Parse(answer.Usage);
            Assert.Equal(4, usage.RootElement.GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32());
        }
    }

    [Fact]
    public async Task The_reasoning_field_has_the_name_that_is_set()
    {
        await using var server = await ScriptedServer.StartAsync(Mistral, new MarkedTokenizer(), options => options.Generation.ReasoningField = "reasoning");
        server.Says("<think>hm</think>So");
        var events = await RawHttp.StreamAsync(server.Http, "v1/chat/completions", Ask(stream: true), Stop);
        Assert.Contains(events, data => data.Contains("\"delta\":{\"reasoning\":\"h", StringComparison.Ordinal));
        Assert.DoesNotContain(events, data => data.Contains("reasoning_content", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, new[] { MarkedTokenizer.ThinkToken, 'a', 'b', MarkedTokenizer.EndThinkToken, 'c' }, 4)]
    [InlineData(false, new[] { ' ', '\n', MarkedTokenizer.ThinkToken, 'a' }, 2)]
    [InlineData(false, new[] { 'x', MarkedTokenizer.ThinkToken, 'a', MarkedTokenizer.EndThinkToken }, 0)]
    [InlineData(false, new[] { MarkedTokenizer.ThinkToken, MarkedTokenizer.EndThinkToken, MarkedTokenizer.ThinkToken, 'a' }, 2)]
    [InlineData(true, new[] { 'a', MarkedTokenizer.EndThinkToken, 'b' }, 2)]
    [InlineData(false, new[] { MarkedTokenizer.ThinkToken, 'a', ScriptedTokenizer.EndToken }, 2)]
    [InlineData(false, new int[] { '<', 't', 'h', 'i', 'n', 'k', '>', 'a', '<', '<', '/', 't', 'h', 'i', 'n', 'k', '>', 'b' }, 17)]
    [InlineData(false, new int[] { '<', 't', 'h', 'e' }, 0)]
    public void Tokens_of_reasoning_are_counted_as_they_are_drawn(bool within, int[] tokens, int expected)
    {
        var counter = new ReasoningCounter(new MarkedTokenizer(), new AnswerSyntax(ToolSyntax.None, [], false, true, within, false), showsSpecialTokens: false);
        foreach (var token in tokens) counter.Accept(token);
        Assert.Equal(expected, counter.Count);
    }

    private static int[] Tokens(string text) => [.. Encoding.UTF8.GetBytes(text).Select(value => (int)value)];

    private static object Ask(bool stream) => new Dictionary<string, object?>
    {
        ["model"] = ScriptedServer.Model,
        ["messages"] = new[] { new { role = "user", content = "Hello!" } },
        ["tools"] = new[] { new { type = "function", function = new { name = "f" } } },
        ["max_completion_tokens"] = 200,
        ["temperature"] = 0,
        ["stream"] = stream,
        ["stream_options"] = stream ? new { include_usage = true } : null,
    };
}
