using System.Text.Json;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Several answers to one prompt, and several prompts.</summary>
public sealed class Choices(ServerFixture server) : IDisposable
{
    private readonly HttpClient _http = Recording.Client(server.Address);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Choices_differ_repeat_with_their_seed_and_stream_as_the_whole()
    {
        object Body(bool stream) => new
        {
            model = ServerFixture.Noise,
            prompt = "Once upon a time, in a prompt long enough to share blocks of the cache",
            max_tokens = 12,
            n = 5,
            seed = 3,
            stream,
            stream_options = stream ? new { include_usage = true } : null,
        };
        var (_, whole) = await RawHttp.PostAsync(_http, "v1/completions", Body(false), Stop);
        var texts = Texts(whole);
        Assert.Equal(5, texts.Distinct().Count());
        var (_, again) = await RawHttp.PostAsync(_http, "v1/completions", Body(false), Stop);
        Assert.Equal(texts, Texts(again));

        var events = await RawHttp.StreamAsync(_http, "v1/completions", Body(true), Stop);
        for (var index = 0; index < 5; index++)
        {
            var chunks = RawHttp.Choices(events, index).ToArray();
            Assert.Equal(texts[index], string.Concat(chunks.Select(chunk => chunk.GetProperty("text").GetString())));
            Assert.Single(chunks, chunk => chunk.GetProperty("finish_reason").ValueKind == JsonValueKind.String);
        }

        Assert.Equal("[DONE]", events[^1]);
        var last = JsonDocument.Parse(events[^2]).RootElement;
        Assert.Empty(last.GetProperty("choices").EnumerateArray());
        Assert.Equal(Counted(whole), Counted(last));
    }

    [Fact]
    public async Task A_prompt_is_counted_once_and_its_cache_tells()
    {
        var prompt = $"{Guid.NewGuid():N} {Guid.NewGuid():N} {Guid.NewGuid():N}";
        object Body(int n) => new { model = ServerFixture.Noise, prompt, max_tokens = 4, ignore_eos = true, n };
        var (_, one) = await RawHttp.PostAsync(_http, "v1/completions", Body(1), Stop);
        var (_, three) = await RawHttp.PostAsync(_http, "v1/completions", Body(3), Stop);
        Assert.Equal(Counted(one).Prompt, Counted(three).Prompt);
        Assert.Equal((4, 12), (Counted(one).Completion, Counted(three).Completion));
        Assert.Equal(0, Cached(one));
        Assert.InRange(Cached(three), 1, Counted(three).Prompt - 1);
    }

    [Fact]
    public async Task The_best_are_the_likeliest_by_token()
    {
        object Body(int n, int bestOf) => new { model = ServerFixture.Noise, prompt = "choose", max_tokens = 6, n, best_of = bestOf, seed = 5, logprobs = 0, ignore_eos = true };
        var (_, all) = await RawHttp.PostAsync(_http, "v1/completions", Body(6, 6), Stop);
        var (_, best) = await RawHttp.PostAsync(_http, "v1/completions", Body(2, 6), Stop);
        var ranked = all.GetProperty("choices").EnumerateArray()
            .OrderByDescending(choice => choice.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Average(one => one.GetDouble()))
            .Select(choice => choice.GetProperty("text").GetString()!).Take(2);
        Assert.Equal(ranked, Texts(best));
        Assert.Equal(Counted(all), Counted(best)); // those thrown away were made too
    }

    [Fact]
    public async Task Several_prompts_have_several_answers_each_in_order()
    {
        var (status, answer) = await RawHttp.PostAsync(_http, "v1/completions",
            new { model = ServerFixture.Model, prompt = new[] { "alpha", "beta" }, max_tokens = 2, n = 2, echo = true }, Stop);
        Assert.Equal(200, status);
        Assert.Equal([0, 1, 2, 3], answer.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.Equal(["alpha", "alpha", "beta", "beta"], Texts(answer).Select(text => text.StartsWith("alpha", StringComparison.Ordinal) ? "alpha" : text[..4]));
    }

    [Theory]
    [InlineData("v1/chat/completions")]
    [InlineData("v1/completions")]
    public async Task Stop_strings_never_leak_in_any_of_many_choices(string path)
    {
        string[] stops = ["ab", "the", "e ", "\n", "an", "o", "Z", "is", "q", ", ", "ing", "you", "I", "1", "2", "x"];
        object body = path.Contains("chat", StringComparison.Ordinal)
            ? new { model = ServerFixture.Model, messages = new[] { new { role = "user", content = "Tell me about yourself." } }, n = 12, seed = 1, temperature = 1.5, stop = stops, stream = true, max_tokens = 40 }
            : new { model = ServerFixture.Noise, prompt = "x", n = 12, seed = 1, stop = stops, stream = true, max_tokens = 40 };
        var events = await RawHttp.StreamAsync(_http, path, body, Stop);
        for (var index = 0; index < 12; index++)
        {
            var text = string.Concat(RawHttp.Choices(events, index).Select(choice =>
                choice.TryGetProperty("text", out var plain) ? plain.GetString()
                : choice.GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : ""));
            Assert.All(stops, stop => Assert.DoesNotContain(stop, text, StringComparison.Ordinal));
        }
    }

    private static string[] Texts(JsonElement answer) =>
        [.. answer.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()!)];

    private static (int Prompt, int Completion, int Total) Counted(JsonElement answer)
    {
        var usage = answer.GetProperty("usage");
        return (usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32(), usage.GetProperty("total_tokens").GetInt32());
    }

    private static int Cached(JsonElement answer) =>
        answer.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();
}
