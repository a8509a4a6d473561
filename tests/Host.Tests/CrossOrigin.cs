using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using StreamCore.Host.Configuration;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Pages of the origins that are allowed get what their browsers ask for, with every answer.</summary>
public class CrossOrigin
{
    private const string Page = "https://chat.example.com";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_preflight_is_answered_before_the_key_is_asked_for()
    {
        await using var server = await StartAsync(Page);
        using var http = server.Client();
        using var request = new HttpRequestMessage(HttpMethod.Options, "v1/chat/completions");
        request.Headers.Add("Origin", Page);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,x-stainless-os,no:t@oken");
        using var answer = await http.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(Page, Field(answer, "Access-Control-Allow-Origin"));
        Assert.Contains("POST", Field(answer, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Equal("Authorization, Content-Type, x-api-key, authorization, x-stainless-os", Field(answer, "Access-Control-Allow-Headers"));
        Assert.Equal("7200", Field(answer, "Access-Control-Max-Age"));
        Assert.Equal("Origin", Field(answer, "Vary"));
    }

    [Theory]
    [InlineData(Page, Page, Page)]
    [InlineData("*", Page, "*")]
    [InlineData("null", "null", "null")]
    [InlineData(Page, "https://evil.example.com", null)]
    [InlineData(Page, null, null)]
    public async Task Every_answer_tells_who_may_read_it(string allowed, string? origin, string? told)
    {
        await using var server = await StartAsync(allowed);
        using var http = server.Client();
        if (origin is not null) http.DefaultRequestHeaders.Add("Origin", origin);
        foreach (var path in new[] { "health", "v1/models", "v1/nothing" })
        {
            using var answer = await http.GetAsync(path, Stop);
            Assert.Equal(told, Field(answer, "Access-Control-Allow-Origin"));
            Assert.Equal(told is null, Field(answer, "Access-Control-Expose-Headers")?.Contains("x-request-id", StringComparison.Ordinal) is not true);
            Assert.Equal("Origin", Field(answer, "Vary"));
        }
    }

    [Fact]
    public async Task A_stream_tells_it_too()
    {
        await using var server = await StartAsync(Page);
        using var http = server.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = JsonContent.Create(RawHttp.Chat("Hello!", 4, stream: true)) };
        request.Headers.Add("Origin", Page);
        request.Headers.Add("x-api-key", "key");
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Page, Field(answer, "Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("GET /health HTTP/1.1\r\nHost: x\r\nOrigin: https://chat.example.com\r\nContent-Length: many\r\n\r\n")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nOrigin: https://chat.example.com\r\nx-api-key: key\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public async Task A_refusal_of_the_transport_tells_it_once(string bytes)
    {
        await using var server = await StartAsync(Page);
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port, Stop);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(bytes), Stop);
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Stop);
        Recording.Keep(bytes, answer);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Equal(2, answer.Split("Access-Control-Allow-Origin: https://chat.example.com\r\n").Length);
    }

    [Fact]
    public async Task Without_the_setting_there_are_no_such_fields()
    {
        await using var server = await OwnServer.StartAsync(Stop);
        using var http = server.Client();
        http.DefaultRequestHeaders.Add("Origin", Page);
        using var answer = await http.GetAsync("v1/models", Stop);
        Assert.Null(Field(answer, "Access-Control-Allow-Origin"));
        Assert.Null(Field(answer, "Vary"));
    }

    [Theory]
    [InlineData("https://chat.example.com", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("app://obsidian.md", true)]
    [InlineData("*", true)]
    [InlineData("null", true)]
    [InlineData("https://chat.example.com/", false)]
    [InlineData("chat.example.com", false)]
    [InlineData("https://bücher.example", false)]
    public void What_is_no_origin_is_refused_at_start(string origin, bool isOne)
    {
        var options = new StreamCoreOptions();
        options.Server.CorsOrigins = [origin];
        var mistakes = new List<string>();
        OptionsRules.Check(options, mistakes);
        Assert.Equal(isOne, mistakes.Count == 0);
    }

    private static Task<OwnServer> StartAsync(string allowed) => OwnServer.StartAsync(Stop, options =>
    {
        options.Server.CorsOrigins = [allowed];
        options.Server.ApiKeys = ["key"];
    });

    private static string? Field(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? Assert.Single(values) : null;
}
