using System.Net.Http.Json;
using System.Text.Json;
using StreamCore.StackFlowSimulator;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Models on devices answer as all others do, with usage that says that it is estimated.</summary>
public sealed class DeviceChats : IAsyncLifetime
{
    private DeviceServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _server = await DeviceServer.StartAsync(configure: options => options.Aliases["assistant"] = DeviceServer.Model);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("Say 12 words about bridges.")]
    [InlineData("Braces { and } and \"quotes\" and \\ and 😀, please: 5 words")]
    [InlineData("line\nfeed\ttab")]
    public async Task A_chat_is_answered_whole_and_streamed_with_estimated_usage(string text)
    {
        var (status, body) = await RawHttp.PostAsync(_server.Http, "v1/chat/completions", DeviceServer.Chat(text), Stop);
        Assert.Equal(200, status);
        var choice = body.GetProperty("choices")[0];
        Assert.Equal(DeviceServer.Expected(text), choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(DeviceServer.Model, body.GetProperty("model").GetString());
        AssertEstimated(body.GetProperty("usage"));

        var streamed = new
        {
            model = DeviceServer.Model,
            messages = new[] { new { role = "user", content = text } },
            stream = true,
            stream_options = new { include_usage = true },
        };
        var events = await RawHttp.StreamAsync(_server.Http, "v1/chat/completions", streamed, Stop);
        Assert.Equal("[DONE]", events[^1]);
        Assert.Equal(DeviceServer.Expected(text), string.Concat(RawHttp.Choices(events, 0).Select(ContentOf)));
        AssertEstimated(JsonDocument.Parse(events[^2]).RootElement.GetProperty("usage"));
    }

    [Fact]
    public async Task A_text_completion_is_one_message_of_the_user()
    {
        var (_, body) = await RawHttp.PostAsync(
            _server.Http, "v1/completions", new { model = DeviceServer.Model, prompt = new[] { "Say 4 words: a", "Say 5 words: b" }, max_tokens = 200 }, Stop);
        Assert.Equal(
            [DeviceServer.Expected("Say 4 words: a"), DeviceServer.Expected("Say 5 words: b")],
            body.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()!));
        AssertEstimated(body.GetProperty("usage"));
    }

    [Fact]
    public async Task A_conversation_reaches_the_model_in_its_own_turns()
    {
        var body = new
        {
            model = DeviceServer.Model,
            messages = new object[]
            {
                new { role = "developer", content = "Be brief." },
                new { role = "user", content = "First question" },
                new { role = "assistant", content = "First answer" },
                new { role = "user", content = new[] { new { type = "text", text = "Second <|im_end|> question, 7 words" } } },
            },
        };
        var text = await RawHttp.WholeAsync(_server.Http, body, Stop);
        var seen = Assert.Single(_server.Devices.SelectMany(device => device.Generations), generation => generation.Answer == text).Seen;
        Assert.Contains("Be brief.", seen, StringComparison.Ordinal);
        Assert.Contains("First question<|im_end|>\n<|im_start|>assistant\nFirst answer<|im_end|>\n<|im_start|>user\nSecond", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("Second <|im_end|>", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reasoning_is_told_apart_and_counted_in_part()
    {
        var (_, body) = await RawHttp.PostAsync(_server.Http, "v1/chat/completions", DeviceServer.Chat("Say 6 words.", DeviceServer.Thinker), Stop);
        var message = body.GetProperty("choices")[0].GetProperty("message");
        var said = DeviceServer.Expected("Say 6 words.", DeviceServer.Thinker);
        var thought = said["<think>\n".Length..said.IndexOf("\n</think>", StringComparison.Ordinal)];
        Assert.Equal(thought, message.GetProperty("reasoning_content").GetString());
        Assert.Equal(said[(said.IndexOf("</think>\n\n", StringComparison.Ordinal) + "</think>\n\n".Length)..], message.GetProperty("content").GetString());
        var usage = body.GetProperty("usage");
        Assert.InRange(
            usage.GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32(), 1, usage.GetProperty("completion_tokens").GetInt32() - 1);

        var events = await RawHttp.StreamAsync(_server.Http, "v1/chat/completions", DeviceServer.Chat("Say 6 words.", DeviceServer.Thinker, stream: true), Stop);
        var streamed = string.Concat(RawHttp.Choices(events, 0).Select(choice =>
            choice.GetProperty("delta").TryGetProperty("reasoning_content", out var reasoning) ? reasoning.GetString() : ""));
        Assert.Equal(thought, streamed);
    }

    [Fact]
    public async Task Stop_strings_and_the_limit_of_tokens_end_an_answer()
    {
        const string text = "Say 40 words.";
        var whole = DeviceServer.Expected(text);
        var (_, cut) = await RawHttp.PostAsync(_server.Http, "v1/chat/completions", DeviceServer.Chat(text, maxTokens: 6), Stop);
        var choice = cut.GetProperty("choices")[0];
        Assert.Equal("length", choice.GetProperty("finish_reason").GetString());
        var content = choice.GetProperty("message").GetProperty("content").GetString()!;
        Assert.StartsWith(content, whole, StringComparison.Ordinal);
        Assert.InRange(content.Length, 1, whole.Length / 2);

        var word = whole.Split(' ')[8];
        var (_, stopped) = await RawHttp.PostAsync(
            _server.Http, "v1/chat/completions",
            new { model = DeviceServer.Model, messages = new[] { new { role = "user", content = text } }, stop = " " + word }, Stop);
        Assert.Equal("stop", stopped.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(whole[..whole.IndexOf(" " + word, StringComparison.Ordinal)], stopped.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task Several_answers_are_several_generations()
    {
        var (_, body) = await RawHttp.PostAsync(
            _server.Http, "v1/chat/completions", new { model = DeviceServer.Model, messages = new[] { new { role = "user", content = "Say 9 words." } }, n = 3 }, Stop);
        Assert.Equal(
            Enumerable.Repeat(DeviceServer.Expected("Say 9 words."), 3),
            body.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("message").GetProperty("content").GetString()!));
    }

    [Fact]
    public async Task Language_models_of_devices_are_listed_and_found_under_their_names_and_aliases()
    {
        var list = await _server.Http.GetFromJsonAsync<JsonElement>("v1/models", Stop);
        var ids = list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!).ToArray();
        Assert.Equal(SimulatedModel.Installed.Where(model => model.Type is "llm" or "vlm").Select(model => model.Name).Order(), ids.Order());
        Assert.Equal("assistant", (await _server.Http.GetFromJsonAsync<JsonElement>("v1/models/assistant", Stop)).GetProperty("id").GetString());
        var (status, body) = await RawHttp.PostAsync(_server.Http, "v1/chat/completions", DeviceServer.Chat("Say 5 words.", "assistant"), Stop);
        Assert.Equal((200, DeviceServer.Model), (status, body.GetProperty("model").GetString()));
    }

    [Fact]
    public async Task Many_clients_get_their_own_answers_from_both_devices()
    {
        var texts = Enumerable.Range(0, 24).Select(i => $"Client {i} wants {5 + i} words").ToArray();
        var answers = await Task.WhenAll(texts.Select(text => RawHttp.WholeAsync(_server.Http, DeviceServer.Chat(text), Stop)));
        Assert.Equal(texts.Select(text => DeviceServer.Expected(text)), answers);
        Assert.All(_server.Devices, device => Assert.NotEmpty(device.Generations));
    }

    private static string? ContentOf(JsonElement choice) =>
        choice.GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : "";

    private static void AssertEstimated(JsonElement usage)
    {
        Assert.True(usage.GetProperty("estimated").GetBoolean());
        var (prompt, completion) = (usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32());
        Assert.True(prompt > 0 && completion > 0);
        Assert.Equal(prompt + completion, usage.GetProperty("total_tokens").GetInt32());
    }
}
