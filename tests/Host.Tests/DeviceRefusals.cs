using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamCore.Engines.StackFlow.Devices;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>What devices cannot do is refused by name before an answer begins, and costs no device anything.</summary>
public sealed class DeviceRefusals : IAsyncLifetime
{
    private const string Message = """{"role": "user", "content": "Hi"}""";
    private const string Image = """{"type": "image_url", "image_url": {"url": "data:image/png;base64,AQID"}}""";

    private DeviceServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await DeviceServer.StartAsync(count: 1);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("""{"tools": [{"type": "function", "function": {"name": "f"}}]}""", "tools", "unsupported_parameter")]
    [InlineData("""{"functions": [{"name": "f"}]}""", "functions", "unsupported_parameter")]
    [InlineData("""{"response_format": {"type": "json_object"}}""", "response_format", "unsupported_parameter")]
    [InlineData("""{"logprobs": true}""", "logprobs", "unsupported_parameter")]
    [InlineData("""{"logit_bias": {"5": 1}}""", "logit_bias", "unsupported_parameter")]
    [InlineData("""{"seed": 3}""", "seed", "unsupported_parameter")]
    [InlineData("""{"presence_penalty": 1}""", "presence_penalty", "unsupported_parameter")]
    [InlineData("""{"stop_token_ids": [1]}""", "stop_token_ids", "unsupported_parameter")]
    [InlineData("""{"reasoning_effort": "low"}""", "reasoning_effort", "unsupported_parameter")]
    [InlineData("""{"thinking_token_budget": 5}""", "thinking_token_budget", "unsupported_parameter")]
    [InlineData("""{"chat_template_kwargs": {"a": 1}}""", "chat_template_kwargs", "unsupported_parameter")]
    [InlineData("""{"messages": [{"role": "function", "name": "f", "content": "x"}]}""", "messages[0].role", "unsupported_value")]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}""", "messages[1].role", "unsupported_value")]
    [InlineData("""{"messages": [{"role": "assistant", "content": "", "function_call": {"name": "f", "arguments": "{}"}}, MESSAGE]}""", "messages[0].tool_calls", "unsupported_value")]
    [InlineData("""{"messages": [MESSAGE, {"role": "user", "content": [{"type": "text", "text": "What?"}, IMAGE]}]}""", "messages[1].content[1].type", "unsupported_value")]
    public async Task A_chat_that_asks_for_more_is_400(string fields, string param, string code) =>
        await AssertRefusedAsync("v1/chat/completions", $$"""{"model": "{{DeviceServer.Model}}", "messages": [{{Message}}]}""", fields, param, code);

    [Theory]
    [InlineData("""{"prompt": [5, 6]}""", "prompt", "unsupported_value")]
    [InlineData("""{"echo": true}""", "echo", "unsupported_parameter")]
    [InlineData("""{"suffix": "x"}""", "suffix", "unsupported_parameter")]
    [InlineData("""{"logprobs": 1}""", "logprobs", "unsupported_parameter")]
    [InlineData("""{"best_of": 2}""", "best_of", "unsupported_parameter")]
    [InlineData("""{"min_tokens": 2}""", "min_tokens", "unsupported_parameter")]
    public async Task A_completion_that_asks_for_more_is_400(string fields, string param, string code) =>
        await AssertRefusedAsync("v1/completions", $$"""{"model": "{{DeviceServer.Model}}", "prompt": "Hi"}""", fields, param, code);

    [Theory]
    [InlineData("tokenize", """{"content": "Hi"}""")]
    [InlineData("detokenize", """{"tokens": [1]}""")]
    [InlineData("apply-template", """{"messages": [MESSAGE]}""")]
    public async Task Tokens_of_such_a_model_are_not_told(string path, string fields) =>
        await AssertRefusedAsync(path, $$"""{"model": "{{DeviceServer.Model}}"}""", fields, "model", "tokenizer_not_available");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_prompt_that_is_too_long_is_told_before_the_answer(bool stream)
    {
        var (status, body) = await RawHttp.PostAsync(
            _server.Http, "v1/chat/completions", DeviceServer.Chat(string.Join(' ', Enumerable.Repeat("bridge", 600)), stream: stream), Stop);
        var error = body.GetProperty("error");
        Assert.Equal((400, "context_length_exceeded", "messages"), (status, error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
        Assert.Contains("256 tokens", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        await AssertRefusedAsync(
            "v1/completions", $$"""{"model": "{{DeviceServer.Model}}", "prompt": "{{new string('z', 4000)}}"}""", "{}", "prompt", "context_length_exceeded");
    }

    [Fact]
    public async Task Sampling_that_is_fixed_is_not_overruled()
    {
        await using var server = await DeviceServer.StartAsync(count: 1, configure: options =>
            options.StackFlow.Models = [new() { Model = DeviceServer.Model, Sampling = DeviceSampling.Fixed }]);
        var (status, body) = await RawHttp.PostAsync(
            server.Http, "v1/chat/completions",
            new { model = DeviceServer.Model, temperature = 0.3, messages = new[] { new { role = "user", content = "Hi" } } }, Stop);
        Assert.Equal((400, "temperature"), (status, body.GetProperty("error").GetProperty("param").GetString()));
    }

    [Fact]
    public async Task An_unknown_model_is_404_and_speech_models_are_not_for_chat()
    {
        foreach (var name in new[] { "nobody", "whisper-tiny", "melotts-en-us" })
        {
            var (status, body) = await RawHttp.PostAsync(_server.Http, "v1/chat/completions", DeviceServer.Chat("Hi", name), Stop);
            Assert.Equal((404, "model_not_found"), (status, body.GetProperty("error").GetProperty("code").GetString()));
        }
    }

    private async Task AssertRefusedAsync(string path, string request, string fields, string param, string code)
    {
        var body = JsonNode.Parse(request)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(fields.Replace("MESSAGE", Message, StringComparison.Ordinal).Replace("IMAGE", Image, StringComparison.Ordinal))!.AsObject())
            body[name] = value?.DeepClone();
        using var response = await _server.Http.PostAsync(path, RawHttp.Json(body.ToJsonString()), Stop);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("error");
        Assert.Equal((400, param, code), ((int)response.StatusCode, error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
        Assert.Empty(_server.Devices.SelectMany(device => device.Generations));
    }
}
