using System.Text;
using System.Text.Json;
using Xunit;

namespace StreamCore.Host.Tests;

public sealed class Logprobs(ServerFixture server) : IDisposable
{
    private readonly HttpClient _http = Recording.Client(server.Address);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("a")]
    public async Task Of_a_chat_they_spell_the_answer_and_stream_as_the_whole(string? stopText)
    {
        var (status, whole) = await RawHttp.PostAsync(_http, "v1/chat/completions", Chat(stream: false, stopText), Stop);
        Assert.Equal(200, status);
        var choice = whole.GetProperty("choices")[0];
        var content = choice.GetProperty("logprobs").GetProperty("content").EnumerateArray().ToArray();
        var text = choice.GetProperty("message").GetProperty("content").GetString()!;
        if (stopText is null) Assert.Equal(text, Spelled(content));
        else Assert.StartsWith(text, Spelled(content), StringComparison.Ordinal); // the token in which the stop string begins
        foreach (var token in content)
        {
            Assert.InRange(token.GetProperty("logprob").GetDouble(), -9999, 0);
            var top = token.GetProperty("top_logprobs").EnumerateArray().Select(entry => entry.GetProperty("logprob").GetDouble()).ToArray();
            Assert.Equal(3, top.Length);
            Assert.Equal(top.OrderDescending(), top);
            Assert.Equal(top[0], token.GetProperty("logprob").GetDouble()); // greedy
        }

        var events = await RawHttp.StreamAsync(_http, "v1/chat/completions", Chat(stream: true, stopText), Stop);
        var streamed = RawHttp.Choices(events, 0)
            .Where(chunk => chunk.GetProperty("logprobs").ValueKind == JsonValueKind.Object)
            .SelectMany(chunk => chunk.GetProperty("logprobs").GetProperty("content").EnumerateArray());
        Assert.Equal(content.Select(token => token.GetRawText()), streamed.Select(token => token.GetRawText()));
        Assert.Equal(text, RawHttp.Text(events));
    }

    [Fact]
    public async Task Of_a_completion_with_its_prompt_they_have_offsets_and_stream_as_the_whole()
    {
        object Body(bool stream) => new { model = ServerFixture.Model, prompt = "What is thé capital", max_tokens = 8, temperature = 0, logprobs = 2, echo = true, n = 2, stream };
        var (status, whole) = await RawHttp.PostAsync(_http, "v1/completions", Body(false), Stop);
        Assert.Equal(200, status);
        var events = await RawHttp.StreamAsync(_http, "v1/completions", Body(true), Stop);
        for (var index = 0; index < 2; index++)
        {
            var choice = whole.GetProperty("choices")[index];
            var text = choice.GetProperty("text").GetString()!;
            Assert.StartsWith("What is thé capital", text, StringComparison.Ordinal);
            var logprobs = choice.GetProperty("logprobs");
            Assert.Equal(JsonValueKind.Null, logprobs.GetProperty("token_logprobs")[0].ValueKind);
            Assert.All(logprobs.GetProperty("token_logprobs").EnumerateArray().Skip(1), one => Assert.InRange(one.GetDouble(), -9999, 0));
            Assert.All(logprobs.GetProperty("top_logprobs").EnumerateArray().Skip(1), one => Assert.InRange(one.GetPropertyCount(), 2, 3));
            var tokens = logprobs.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!).ToArray();
            var offsets = logprobs.GetProperty("text_offset").EnumerateArray().Select(offset => offset.GetInt32()).ToArray();
            for (var i = 0; i < tokens.Length; i++)
            {
                if (!tokens[i].StartsWith("bytes:", StringComparison.Ordinal)) Assert.Equal(tokens[i], text.Substring(offsets[i], tokens[i].Length));
            }

            var chunks = RawHttp.Choices(events, index).ToArray();
            Assert.Equal(text, string.Concat(chunks.Select(chunk => chunk.GetProperty("text").GetString())));
            foreach (var name in new[] { "tokens", "token_logprobs", "top_logprobs", "text_offset" })
            {
                var streamed = chunks.Where(chunk => chunk.GetProperty("logprobs").ValueKind == JsonValueKind.Object)
                    .SelectMany(chunk => chunk.GetProperty("logprobs").GetProperty(name).EnumerateArray());
                Assert.Equal(logprobs.GetProperty(name).EnumerateArray().Select(one => one.GetRawText()), streamed.Select(one => one.GetRawText()));
            }
        }
    }

    [Fact]
    public async Task A_prompt_alone_is_scored()
    {
        var (status, answer) = await RawHttp.PostAsync(_http, "completions",
            new { model = ServerFixture.Model, prompt = new[] { "What is this?", "Paris" }, max_tokens = 0, logprobs = 0, echo = true }, Stop);
        Assert.Equal(200, status);
        Assert.Equal(0, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        var choices = answer.GetProperty("choices").EnumerateArray().ToArray();
        Assert.Equal(["What is this?", "Paris"], choices.Select(choice => choice.GetProperty("text").GetString()!));
        Assert.All(choices, choice => Assert.Equal("length", choice.GetProperty("finish_reason").GetString()));
        Assert.All(choices, choice => Assert.Equal(
            choice.GetProperty("text").GetString(), string.Concat(choice.GetProperty("logprobs").GetProperty("tokens").EnumerateArray().Select(token => token.GetString()))));
    }

    [Fact]
    public async Task Who_does_not_ask_gets_null()
    {
        var (_, chat) = await RawHttp.PostAsync(_http, "v1/chat/completions", RawHttp.Chat("Hello!"), Stop);
        Assert.Equal(JsonValueKind.Null, chat.GetProperty("choices")[0].GetProperty("logprobs").ValueKind);
        var (_, chosen) = await RawHttp.PostAsync(_http, "v1/completions", new { model = ServerFixture.Model, prompt = "a", best_of = 2 }, Stop);
        Assert.Equal(JsonValueKind.Null, chosen.GetProperty("choices")[0].GetProperty("logprobs").ValueKind);
    }

    private static object Chat(bool stream, string? stopText) => new
    {
        model = ServerFixture.Model,
        messages = new[] { new { role = "user", content = "What is the capital of Italy?" } },
        max_completion_tokens = 24,
        temperature = 0,
        logprobs = true,
        top_logprobs = 3,
        stop = stopText,
        stream,
    };

    private static string Spelled(IEnumerable<JsonElement> content) => Encoding.UTF8.GetString(
        [.. content.SelectMany(token => token.GetProperty("bytes").EnumerateArray().Select(value => value.GetByte()))]);
}
