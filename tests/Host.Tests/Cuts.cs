using System.Text;
using System.Text.Json;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>One answer, cut into tokens in many ways, characters broken among them: a client is told the same, streamed and whole.</summary>
public sealed class Cuts
{
    private const int CutsOfEach = 25;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string[], string, string, string, string> Answers() => new()
    {
        { "Grüße, 日本 😀!\n\nNow <b>.", [], "Grüße, 日本 😀!\n\nNow <b>.", "", "", "stop" },
        { "<think>\nÜber 東京 < </thin 😀\n</think>\n\nJa — 😀.", [], "Ja — 😀.", "Über 東京 < </thin 😀", "", "stop" },
        {
            "I look. <tool_call>\n{\"name\": \"f\", \"arguments\": {\"city\": \"Zürich }\\\"\"}}\n</tool_call>\n<tool_call>{\"arguments\": {}, \"name\": \"g\"}</tool_call>",
            [], "I look. ", "", "f {\"city\": \"Zürich }\\\"\"}\ng {}", "tool_calls"
        },
        {
            "<think>日</think><tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call> <tool_call>{\"name\":\"x\",\"arguments\":{}}</tool_call>",
            [], "<tool_call>{\"name\":\"x\",\"arguments\":{}}</tool_call>", "日", "f {}", "tool_calls"
        },
        { "Eins, zwei, drei, vier.", ["drei", "ei, drei"], "Eins, zw", "", "", "stop" },
        { "<think>no stöp.</think>Then 😀😀stöp here.", ["😀st", "stöp"], "", "no ", "", "stop" },
        { "Then 😀😀stöp here.", ["stöp", "öp h"], "Then 😀😀", "", "", "stop" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task However_an_answer_is_cut_into_tokens_the_same_is_told(
        string says, string[] stop, string content, string reasoning, string calls, string finish)
    {
        var tokenizer = new PieceTokenizer();
        await using var server = await ScriptedServer.StartAsync(tokenizer: tokenizer);
        var text = Encoding.UTF8.GetBytes(says);
        var random = new Random(1);
        for (var cut = 0; cut < CutsOfEach; cut++)
        {
            var tokens = tokenizer.Cut(text, random);
            server.Says(tokens);
            var whole = await ChatAnswer.WholeAsync(server.Http, Ask(stop, stream: false), Stop);
            var streamed = await ChatAnswer.StreamedAsync(server.Http, Ask(stop, stream: true), Stop);
            Assert.Equal((content, reasoning, calls, finish), (whole.Content, whole.Reasoning, whole.Calls, whole.FinishReason));
            Assert.Equal(whole with { Usage = "" }, streamed with { Usage = "" });
            Assert.Equal(Counted(whole), Counted(streamed));
            Assert.InRange(Counted(whole).Completion, 1, tokens.Length + 1);
        }
    }

    private static (int Completion, int Reasoning) Counted(ChatAnswer answer)
    {
        using var usage = JsonDocument.Parse(answer.Usage);
        return (usage.RootElement.GetProperty("completion_tokens").GetInt32(),
            usage.RootElement.GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32());
    }

    private static object Ask(string[] stop, bool stream) => new Dictionary<string, object?>
    {
        ["model"] = ScriptedServer.Model,
        ["messages"] = new[] { new { role = "user", content = "Hello!" } },
        ["tools"] = new[] { "f", "g" }.Select(name => new { type = "function", function = new { name } }).ToArray(),
        ["max_completion_tokens"] = 400,
        ["temperature"] = 0,
        ["stop"] = stop,
        ["stream"] = stream,
        ["stream_options"] = stream ? new { include_usage = true } : null,
    };
}
