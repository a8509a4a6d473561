using System.Text.Json;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>What a request asks of sampling and ends, over HTTP: it changes the answer, or it is refused by name.</summary>
public sealed class SamplingParameters(ServerFixture server) : IDisposable
{
    private readonly HttpClient _http = Recording.Client(server.Address);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task A_bias_forces_a_token_and_repetition_is_penalized()
    {
        var forced = await AskAsync(new { model = ServerFixture.Noise, prompt = "x", max_tokens = 6, logit_bias = new Dictionary<string, int> { ["65"] = 100 } });
        var token = await TextAsync(65);
        Assert.Equal(string.Concat(Enumerable.Repeat(token, 6)), forced);
        var penalized = await AskAsync(new
        {
            model = ServerFixture.Noise,
            prompt = "x",
            max_tokens = 6,
            temperature = 0,
            frequency_penalty = 2,
            presence_penalty = 2,
            repetition_penalty = 10,
            logit_bias = new Dictionary<string, int> { ["65"] = 3 },
        });
        Assert.NotEqual(forced, penalized);
    }

    [Fact]
    public async Task An_answer_goes_on_to_its_least_length_and_past_the_end_of_sequence()
    {
        var body = RawHttp.Chat("Hello!");
        var plain = await UsageAsync(body);
        Assert.InRange(plain, 2, 23); // ends by itself
        Assert.Equal(24, await UsageAsync(new { model = ServerFixture.Model, messages = Hello, max_completion_tokens = 24, temperature = 0, ignore_eos = true }));
        Assert.Equal(24, await UsageAsync(new { model = ServerFixture.Model, messages = Hello, max_completion_tokens = 24, temperature = 0, min_tokens = 24 }));
    }

    [Fact]
    public async Task A_stop_token_ends_the_answer_and_shows_only_as_the_models_own_do()
    {
        var (_, whole) = await RawHttp.PostAsync(_http, "v1/chat/completions", RawHttp.Chat("Hello!"), Stop);
        var text = whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
        var (_, tokens) = await RawHttp.PostAsync(_http, "tokenize", new { model = ServerFixture.Model, content = text }, Stop);
        var third = tokens.GetProperty("tokens")[2].GetInt32();
        var (_, cut) = await RawHttp.PostAsync(_http, "v1/chat/completions",
            new { model = ServerFixture.Model, messages = Hello, max_completion_tokens = 24, temperature = 0, stop_token_ids = new[] { third } }, Stop);
        var choice = cut.GetProperty("choices")[0];
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        var shown = choice.GetProperty("message").GetProperty("content").GetString()!;
        Assert.True(shown.Length < text.Length && text.StartsWith(shown, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("logit_bias", """{"logit_bias":{"99999999":1}}""", "invalid_token")]
    [InlineData("stop_token_ids", """{"stop_token_ids":[99999999]}""", "invalid_token")]
    [InlineData("min_tokens", """{"min_tokens":20,"max_tokens":10}""", "invalid_value")]
    [InlineData("suffix", """{"suffix":"after"}""", "unsupported_parameter")]
    [InlineData("prompt", """{"max_tokens":100000}""", "context_length_exceeded")]
    public async Task What_the_model_cannot_do_is_refused_by_name(string param, string fields, string code)
    {
        var body = new Dictionary<string, object> { ["model"] = ServerFixture.Model, ["prompt"] = "x" };
        foreach (var field in JsonDocument.Parse(fields).RootElement.EnumerateObject()) body[field.Name] = field.Value;
        var (status, answer) = await RawHttp.PostAsync(_http, "v1/completions", body, Stop);
        Assert.Equal(400, status);
        Assert.Equal((param, code), (answer.GetProperty("error").GetProperty("param").GetString(), answer.GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_model_has_its_own_limits_of_answers()
    {
        await using var own = await OwnServer.StartAsync(Stop, options =>
            options.Models = [new() { Name = ServerFixture.Model, DefaultMaxTokens = 3, MaxTokensCeiling = 5 }]);
        using var http = own.Client();
        foreach (var (asked, got) in new (int?, int)[] { (null, 3), (4, 4), (20, 5) })
        {
            var (_, answer) = await RawHttp.PostAsync(http, "v1/chat/completions",
                new { model = ServerFixture.Model, messages = Hello, max_completion_tokens = asked, ignore_eos = true }, Stop);
            Assert.Equal(got, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
            Assert.Equal("length", answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        }
    }

    private static object[] Hello { get; } = [new { role = "user", content = "Hello!" }];

    private async Task<string> AskAsync(object body)
    {
        var (status, answer) = await RawHttp.PostAsync(_http, "v1/completions", body, Stop);
        Assert.Equal(200, status);
        return answer.GetProperty("choices")[0].GetProperty("text").GetString()!;
    }

    private async Task<string> TextAsync(int token)
    {
        var (_, answer) = await RawHttp.PostAsync(_http, "detokenize", new { model = ServerFixture.Noise, tokens = new[] { token } }, Stop);
        return answer.GetProperty("content").GetString()!;
    }

    private async Task<int> UsageAsync(object body)
    {
        var (_, answer) = await RawHttp.PostAsync(_http, "v1/chat/completions", body, Stop);
        return answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32();
    }
}
