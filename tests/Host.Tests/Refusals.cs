using System.Net;
using System.Text.Json;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Every refusal is OpenAI's error object with all four keys.</summary>
public class Refusals(ServerFixture server)
{
    private static readonly string[] Keys = ["message", "type", "param", "code"];

    [Theory]
    [InlineData("GET", "v1/nothing", null, 404, null, null)]
    [InlineData("GET", "", null, 404, null, null)]
    [InlineData("GET", "v1/chat/completions", null, 405, null, "method_not_supported")]
    [InlineData("DELETE", "v1/models", null, 405, null, "method_not_supported")]
    [InlineData("POST", "v1/chat/completions", "{", 400, null, null)]
    [InlineData("POST", "v1/chat/completions", "[]", 400, null, null)]
    [InlineData("POST", "v1/chat/completions", "{}", 400, "*", "*")]
    [InlineData("POST", "v1/chat/completions", """{"model":"streamcore-demo","messages":[{"role":"user","content":1}]}""", 400, "messages[0].content", "*")]
    [InlineData("POST", "v1/chat/completions", """{"model":"nobody","messages":[{"role":"user","content":"x"}]}""", 404, "model", "model_not_found")]
    [InlineData("POST", "v1/completions", """{"model":"nobody","prompt":"x"}""", 404, "model", "model_not_found")]
    [InlineData("GET", "v1/models/nobody/here", null, 404, "model", "model_not_found")]
    public async Task A_refusal_has_the_status_and_the_four_keys(
        string method, string path, string? body, int status, string? param, string? code)
    {
        using var http = Recording.Client(server.Address);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null) request.Content = RawHttp.Json(body);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.True(response.Headers.Contains("x-request-id"));
        var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("error");
        Assert.Equal(Keys.Order(), error.EnumerateObject().Select(p => p.Name).Order());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.NotEmpty(error.GetProperty("type").GetString()!);
        if (param != "*") Assert.Equal(param, error.GetProperty("param").GetString());
        if (code != "*" && code is not null) Assert.Equal(code, error.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Too_long_a_prompt_is_refused_with_the_numbers()
    {
        using var http = Recording.Client(server.Address);
        var body = JsonSerializer.Serialize(RawHttp.Chat(string.Concat(Enumerable.Repeat("seven ", 20_000))));
        using var response = await http.PostAsync("v1/chat/completions", RawHttp.Json(body), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("error");
        Assert.Equal("context_length_exceeded", error.GetProperty("code").GetString());
        Assert.Equal("messages", error.GetProperty("param").GetString());
    }
}
