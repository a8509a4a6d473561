using System.Text;
using System.Text.Json;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Several answers to one conversation with tools: each is taken apart, called and counted on its own.</summary>
public sealed class ToolChoices
{
    private const string One = "1<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1}}</tool_call>";
    private const string Two = "2<tool_call>{\"name\": \"g\", \"arguments\": {}}</tool_call><tool_call>{\"name\": \"f\", \"arguments\": {\"b\": 2}}</tool_call>";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_choice_has_calls_and_ids_of_its_own()
    {
        await using var server = await ScriptedServer.StartAsync();
        SaysOneOrTwo(server.Engine);
        var calls = new Dictionary<string, string> { ["1"] = "f {\"a\": 1}", ["2"] = "g {}\nf {\"b\": 2}" };
        var answers = new List<ChatAnswer>();
        for (var index = 0; index < 2; index++)
        {
            var whole = await ChatAnswer.WholeAsync(server.Http, Ask(stream: false), Stop, index);
            var streamed = await ChatAnswer.StreamedAsync(server.Http, Ask(stream: true), Stop, index);
            Assert.Equal((calls[whole.Content], "tool_calls"), (whole.Calls, whole.FinishReason));
            Assert.Equal(whole with { Usage = "" }, streamed with { Usage = "" });
            answers.Add(whole);
        }

        Assert.Equal(["1", "2"], answers.Select(answer => answer.Content).Order()); // so drawn with this seed
        var (_, body) = await RawHttp.PostAsync(server.Http, "v1/chat/completions", Ask(stream: false), Stop);
        var messages = body.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("message"));
        AssertOwnIds(messages.SelectMany(message => message.GetProperty("tool_calls").EnumerateArray()));
        var events = await RawHttp.StreamAsync(server.Http, "v1/chat/completions", Ask(stream: true), Stop);
        var deltas = RawHttp.Choices(events, 0).Concat(RawHttp.Choices(events, 1)).Select(choice => choice.GetProperty("delta"));
        AssertOwnIds(deltas
            .SelectMany(delta => delta.TryGetProperty("tool_calls", out var some) ? some.EnumerateArray().ToArray() : [])
            .Where(call => call.TryGetProperty("id", out _)));
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 8)]
    [InlineData(3, 12)]
    public async Task Tokens_of_reasoning_are_counted_in_each_choice(int n, int expected)
    {
        await using var server = await ScriptedServer.StartAsync(tokenizer: new MarkedTokenizer());
        server.Says([MarkedTokenizer.ThinkToken, 'h', 'm', MarkedTokenizer.EndThinkToken, 'S', 'o']);
        foreach (var usage in new[]
        {
            (await ChatAnswer.WholeAsync(server.Http, Ask(stream: false, n), Stop, index: n - 1)).Usage,
            (await ChatAnswer.StreamedAsync(server.Http, Ask(stream: true, n), Stop, index: n - 1)).Usage,
        })
        {
            var told = JsonDocument.Parse(usage).RootElement;
            Assert.Equal(expected, told.GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32());
            Assert.Equal(7 * n, told.GetProperty("completion_tokens").GetInt32());
        }
    }

    [Fact]
    public async Task A_template_is_shown_with_its_tools()
    {
        await using var server = await ScriptedServer.StartAsync();
        var (status, answer) = await RawHttp.PostAsync(server.Http, "apply-template", Ask(stream: false), Stop);
        Assert.Equal(200, status);
        var prompt = answer.GetProperty("prompt").GetString()!;
        Assert.Contains("\"name\": \"g\"", prompt, StringComparison.Ordinal);
        Assert.EndsWith("user: Hello!<|end|><|assistant|>", prompt, StringComparison.Ordinal);
    }

    private static object[] Hello => [new { role = "user", content = "Hello!" }];

    /// <summary>The first token is one of two, equally likely; the others follow from it.</summary>
    private static void SaysOneOrTwo(ScriptedEngine engine)
    {
        engine.Script = sequence =>
        {
            var said = sequence.Reverse().TakeWhile(token => token != ScriptedTokenizer.AssistantToken).Reverse().ToArray();
            if (said.Length == 0) return null;
            var text = Encoding.UTF8.GetBytes(said[0] == '1' ? One : Two);
            return said.Length < text.Length ? text[said.Length] : ScriptedTokenizer.EndToken;
        };
        engine.Rewrite = (sequence, logits) =>
        {
            if (sequence[^1] == ScriptedTokenizer.AssistantToken) logits['1'] = logits['2'] = 1000;
        };
    }

    private static void AssertOwnIds(IEnumerable<JsonElement> calls)
    {
        var ids = calls.Select(call => call.GetProperty("id").GetString()).ToArray();
        Assert.Equal((3, 3), (ids.Length, ids.Distinct().Count()));
    }

    private static object Ask(bool stream, int n = 2) => new Dictionary<string, object?>
    {
        ["model"] = ScriptedServer.Model,
        ["messages"] = Hello,
        ["tools"] = new[] { "f", "g" }.Select(name => new { type = "function", function = new { name } }).ToArray(),
        ["max_completion_tokens"] = 400,
        ["n"] = n,
        ["seed"] = 3,
        ["stream"] = stream,
        ["stream_options"] = stream ? new { include_usage = true } : null,
    };
}
