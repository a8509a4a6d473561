using System.Text;
using System.Text.Json;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Logprobs of answers that are more than text are those of the text, streamed and whole alike.</summary>
public sealed class MarkupLogprobs
{
    private const string Mistral = "{% if tools %}{{ tools | tojson }}{% endif %}{# [TOOL_CALLS] <think> #}{% for m in messages %}{{ m.content }}{% endfor %}<|assistant|>";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("<think>hm</think>\n\nHi \u00fc!", "Hi \u00fc!")]
    [InlineData("Look.\n<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call> Done", "Look.Done")]
    [InlineData("<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>", "")]
    [InlineData("a <tool_", "a <tool_")]
    public async Task They_spell_the_content(string says, string content)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Says(says);
        Assert.Equal(Encoding.UTF8.GetBytes(content).Length, (await AssertSameAsync(server, content)).Count);
    }

    [Fact]
    public async Task A_token_that_is_content_and_markup_is_told_as_far_as_it_is_content()
    {
        await using var server = await ScriptedServer.StartAsync(Mistral, new MarkedTokenizer());
        server.Says([
            MarkedTokenizer.ThinkToken, 'h', 'm', MarkedTokenizer.EndThinkToken, '\n', 'S', MarkedTokenizer.MixedToken,
            .. Encoding.UTF8.GetBytes("_CALLS][{\"name\": \"f\", \"arguments\": {\"a\": 1}}] ").Select(value => (int)value), 'x', 'y',
        ]);
        Assert.Equal(["S", "o.", "x", "y"], await AssertSameAsync(server, "So.xy"));

        server.Says(['S', MarkedTokenizer.MixedToken, 'x']);
        Assert.Equal(["S", "o.\n[TOOL", "x"], await AssertSameAsync(server, "So.\n[TOOLx"));
    }

    /// <summary>The tokens that are told of.</summary>
    private static async Task<List<string>> AssertSameAsync(ScriptedServer server, string content)
    {
        var (status, answer) = await RawHttp.PostAsync(server.Http, "v1/chat/completions", Ask(stream: false), Stop);
        Assert.Equal(200, status);
        var choice = answer.GetProperty("choices")[0];
        var whole = choice.GetProperty("logprobs").GetProperty("content").EnumerateArray().ToArray();
        Assert.Equal(content, choice.GetProperty("message").GetProperty("content").GetString() ?? "");
        Assert.Equal(content, Encoding.UTF8.GetString(
            [.. whole.SelectMany(token => token.GetProperty("bytes").EnumerateArray().Select(value => value.GetByte()))]));
        Assert.All(whole, token => Assert.Equal(2, token.GetProperty("top_logprobs").GetArrayLength()));

        var events = await RawHttp.StreamAsync(server.Http, "v1/chat/completions", Ask(stream: true), Stop);
        var streamed = RawHttp.Choices(events, 0)
            .Where(chunk => chunk.GetProperty("logprobs").ValueKind == JsonValueKind.Object)
            .SelectMany(chunk => chunk.GetProperty("logprobs").GetProperty("content").EnumerateArray());
        Assert.Equal(whole.Select(token => token.GetRawText()), streamed.Select(token => token.GetRawText()));
        return [.. whole.Select(token => token.GetProperty("token").GetString()!)];
    }

    private static object Ask(bool stream) => new
    {
        model = ScriptedServer.Model,
        messages = new[] { new { role = "user", content = "Hello!" } },
        tools = new[] { new { type = "function", function = new { name = "f" } } },
        max_completion_tokens = 200,
        temperature = 0,
        logprobs = true,
        top_logprobs = 2,
        stream,
    };
}
