using System.Text.Json;
using Xunit;

namespace StreamCore.Host.Tests;

public sealed class TokenRoutes(ServerFixture server) : IDisposable
{
    private readonly HttpClient _http = Recording.Client(server.Address);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("tokenize", "detokenize")]
    [InlineData("v1/tokenize", "v1/detokenize")]
    public async Task Tokens_of_a_text_are_the_text_again(string tokenize, string detokenize)
    {
        const string Text = "Grüße, 世界! <|im_end|> and more";
        var (status, tokens) = await RawHttp.PostAsync(_http, tokenize, new { model = ServerFixture.Noise, content = Text }, Stop);
        Assert.Equal(200, status);
        var ids = tokens.GetProperty("tokens").EnumerateArray().Select(id => id.GetInt32()).ToArray();
        Assert.Equal(ids.Length, tokens.GetProperty("count").GetInt32());
        Assert.True(tokens.GetProperty("max_model_len").GetInt32() > 0);
        var (_, text) = await RawHttp.PostAsync(_http, detokenize, new { model = ServerFixture.Noise, tokens = ids }, Stop);
        Assert.Equal(Text, text.GetProperty("content").GetString());
        Assert.Equal(Text, text.GetProperty("prompt").GetString());
    }

    [Fact]
    public async Task Pieces_come_with_their_texts_or_bytes()
    {
        var (_, answer) = await RawHttp.PostAsync(_http, "tokenize", new { model = ServerFixture.Noise, prompt = "a世", with_pieces = true }, Stop);
        var bytes = answer.GetProperty("tokens").EnumerateArray().SelectMany(token =>
            token.GetProperty("piece").ValueKind == JsonValueKind.String
                ? System.Text.Encoding.UTF8.GetBytes(token.GetProperty("piece").GetString()!)
                : token.GetProperty("piece").EnumerateArray().Select(value => value.GetByte()));
        Assert.Equal("a世", System.Text.Encoding.UTF8.GetString([.. bytes]));
    }

    [Fact]
    public async Task A_template_shows_the_prompt_that_a_chat_would_have()
    {
        var messages = new[] { new { role = "user", content = "Hello!" } };
        var (status, answer) = await RawHttp.PostAsync(_http, "apply-template", new { model = ServerFixture.Model, messages }, Stop);
        Assert.Equal(200, status);
        var prompt = answer.GetProperty("prompt").GetString()!;
        Assert.Contains("Hello!", prompt, StringComparison.Ordinal);
        var (_, tokens) = await RawHttp.PostAsync(_http, "tokenize", new { model = ServerFixture.Model, content = prompt }, Stop);
        var (_, chat) = await RawHttp.PostAsync(_http, "v1/chat/completions", RawHttp.Chat("Hello!"), Stop);
        Assert.Equal(chat.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), tokens.GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData("tokenize", """{"content":"a"}""", 400, "model")]
    [InlineData("tokenize", """{"model":"nobody","content":"a"}""", 404, "model")]
    [InlineData("tokenize", """{"model":"noise"}""", 400, "content")]
    [InlineData("detokenize", """{"model":"noise","tokens":[99999999]}""", 400, "tokens")]
    [InlineData("apply-template", """{"model":"noise"}""", 400, "messages")]
    public async Task What_is_wrong_is_refused_by_name(string path, string body, int status, string param)
    {
        var (got, answer) = await RawHttp.PostAsync(_http, path, JsonDocument.Parse(body).RootElement, Stop);
        Assert.Equal((status, param), (got, answer.GetProperty("error").GetProperty("param").GetString()));
    }

    [Fact]
    public async Task With_one_model_none_need_be_named_and_an_alias_may_stand_for_all_names()
    {
        await using var own = await OwnServer.StartAsync(Stop, options => options.Aliases["*"] = ServerFixture.Model);
        using var http = own.Client();
        var (unnamed, _) = await RawHttp.PostAsync(http, "tokenize", new { content = "a" }, Stop);
        var (other, answer) = await RawHttp.PostAsync(http, "v1/completions", new { model = "gpt-4o", prompt = "a", max_tokens = 1 }, Stop);
        Assert.Equal((200, 200), (unnamed, other));
        Assert.Equal(ServerFixture.Model, answer.GetProperty("model").GetString()); // a client is told whom it talks to
        using var card = await http.GetAsync("v1/models/gpt-4o", Stop);
        Assert.Equal(404, (int)card.StatusCode);
    }
}
