using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Methods, content types and paths, as HTTP has them.</summary>
public class Routing(ServerFixture server)
{
    private static readonly string[] Slashed = ["org/name", "org/caf\u00e9 \u00df/v1.5"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "v1/chat/completions", 405, "POST, OPTIONS")]
    [InlineData("PUT", "models", 405, "GET, OPTIONS, HEAD")]
    [InlineData("DELETE", "v1/models/org/name", 405, "GET, OPTIONS, HEAD")]
    [InlineData("OPTIONS", "v1/chat/completions", 204, "POST, OPTIONS")]
    [InlineData("OPTIONS", "v1/models", 204, "GET, OPTIONS, HEAD")]
    public async Task A_method_that_a_route_has_not_is_told_those_it_has(string method, string path, int status, string allow)
    {
        using var http = Recording.Client(server.Address);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await http.SendAsync(request, Stop);
        Assert.Equal(((HttpStatusCode)status, allow), (answer.StatusCode, string.Join(", ", answer.Content.Headers.Allow)));
    }

    [Fact]
    public async Task Options_of_the_whole_server_says_that_it_is_there() =>
        Assert.StartsWith("HTTP/1.1 204 ", await SendAsync("OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task Head_gets_what_get_would_without_its_body()
    {
        using var http = Recording.Client(server.Address);
        using var whole = await http.GetAsync("v1/models", Stop);
        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "v1/models"), Stop);
        Assert.Equal(whole.StatusCode, head.StatusCode);
        Assert.Equal(whole.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Stop));
    }

    [Theory]
    [InlineData("application/json", 404)]
    [InlineData("Application/JSON; charset=utf-8", 404)]
    [InlineData(null, 404)]
    [InlineData("text/plain", 404)]
    [InlineData("application/x-www-form-urlencoded", 404)]
    [InlineData("multipart/form-data; boundary=b", 415)]
    [InlineData("application/xml", 415)]
    [InlineData("application/octet-stream", 415)]
    public async Task A_body_of_another_type_than_json_is_415(string? type, int status)
    {
        using var http = Recording.Client(server.Address);
        using var content = new ByteArrayContent("""{"model":"nobody","prompt":"x"}"""u8.ToArray());
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        using var answer = await http.PostAsync("v1/completions", content, Stop);
        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("error");
        Assert.Equal(status == 415 ? "unsupported_content_type" : "model_not_found", error.GetProperty("code").GetString());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("v1/models/org/name", "org/name")]
    [InlineData("v1/models/org%2Fname", "org/name")]
    [InlineData("models/org%2fname?x=1", "org/name")]
    [InlineData("v1/models/org/caf%C3%A9%20%C3%9F/v1.5", "org/caf\u00e9 \u00df/v1.5")]
    [InlineData("v1/models/org%2Fcaf%c3%a9%20%c3%9f%2Fv1.5", "org/caf\u00e9 \u00df/v1.5")]
    [InlineData("v1/models/org%252Fname", null)]
    [InlineData("v1/models/org//name", null)]
    public async Task A_model_whose_name_has_slashes_is_found_by_either_spelling(string path, string? name)
    {
        await using var own = await OwnServer.StartAsync(Stop, options =>
        {
            options.Models = [new() { Name = ServerFixture.Model }];
            foreach (var alias in Slashed) options.Aliases[alias] = ServerFixture.Model;
        });
        var received = await SendAsync($"GET /{path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", own.Address);
        Assert.StartsWith(name is null ? "HTTP/1.1 404 " : "HTTP/1.1 200 ", received, StringComparison.Ordinal);
        var body = JsonDocument.Parse(received[(received.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]).RootElement;
        if (name is not null) Assert.Equal(name, body.GetProperty("id").GetString());
        else Assert.Equal("model_not_found", body.GetProperty("error").GetProperty("code").GetString());
    }

    /// <summary>Small writes, such as single tokens, must not wait for the acknowledgement of the one before.</summary>
    [Fact]
    public async Task The_servers_sockets_send_at_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The sockets of this process are found by way of /proc.");
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port, Stop);
        await client.GetStream().WriteAsync("GET /health HTTP/1.1\r\nHost: h\r\n\r\n"u8.ToArray(), Stop);
        Assert.True(await client.GetStream().ReadAsync(new byte[1], Stop) > 0); // accepted, so its socket is there
        Assert.True(OwnSockets.HasNoDelay((IPEndPoint)client.Client.LocalEndPoint!));
    }

    private Task<string> SendAsync(string request) => SendAsync(request, server.Address);

    private static async Task<string> SendAsync(string request, Uri address)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Stop);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Stop);
        using var reader = new StreamReader(client.GetStream());
        var answer = await reader.ReadToEndAsync(Stop);
        Recording.Keep(request, answer);
        return answer;
    }
}
