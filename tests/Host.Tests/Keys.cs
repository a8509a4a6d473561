using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using StreamCore.Host.Configuration;
using StreamCore.Host.Security;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>With keys configured, nobody without one gets past the probes.</summary>
public class Keys
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, null, 401, null)]
    [InlineData("Authorization", "Bearer ", 401, null)]
    [InlineData("Authorization", "Basic cGxhaW4ta2V5", 401, null)]
    [InlineData("Authorization", "Bearer wrong", 401, "invalid_api_key")]
    [InlineData("Authorization", "Bearer sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", 401, "invalid_api_key")]
    [InlineData("Authorization", "Bearer plain-key", 200, null)]
    [InlineData("Authorization", "bearer  hashed-key", 200, null)]
    [InlineData("x-api-key", "wrong", 401, "invalid_api_key")]
    [InlineData("x-api-key", "plain-key", 200, null)]
    public async Task A_request_needs_a_known_key(string? field, string? value, int status, string? code)
    {
        await using var server = await OwnServer.StartAsync(Stop, options =>
            options.Server.ApiKeys = ["plain-key", "sha256:" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes("hashed-key")))]);
        using var http = server.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/models");
        if (field is not null) request.Headers.TryAddWithoutValidation(field, value);
        using var answer = await http.SendAsync(request, Stop);
        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
        if (status == 200) return;
        Assert.Equal("Bearer", Assert.Single(answer.Headers.WwwAuthenticate).Scheme);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("error");
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Equal(code, error.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("health", 200)]
    [InlineData("ready", 200)]
    [InlineData("v1/ready", 200)]
    [InlineData("v1/nothing", 401)]
    public async Task Probes_need_no_key_and_all_else_does(string path, int status)
    {
        await using var server = await OwnServer.StartAsync(Stop, options => options.Server.ApiKeys = ["key"]);
        using var http = server.Client();
        using var answer = await http.GetAsync(path, Stop);
        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
    }

    [Fact]
    public async Task A_long_body_without_a_key_is_refused_all_the_same()
    {
        await using var server = await OwnServer.StartAsync(Stop, options => options.Server.ApiKeys = ["key"]);
        using var http = server.Client();
        using var answer = await http.PostAsJsonAsync("v1/chat/completions", RawHttp.Chat(new string('x', 30_000)), Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("0.0.0.0", false, null, true)]
    [InlineData("::", false, null, true)]
    [InlineData("192.0.2.1", false, null, true)]
    [InlineData("0.0.0.0", true, null, false)]
    [InlineData("0.0.0.0", false, "key", false)]
    [InlineData("127.0.0.1", false, null, false)]
    [InlineData("::1", false, null, false)]
    public void Listening_beyond_this_machine_without_keys_must_be_said_aloud(string address, bool anonymous, string? key, bool refused)
    {
        var options = new StreamCoreOptions();
        options.Server.Listen = ["127.0.0.1", address];
        options.Server.AllowAnonymous = anonymous;
        if (key is not null) options.Server.ApiKeys = [key];
        var mistakes = new List<string>();
        OptionsRules.Check(options, mistakes);
        Assert.Equal(refused ? 1 : 0, mistakes.Count);
        Assert.All(mistakes, line => Assert.Contains("server.allowAnonymous", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Only_hashes_are_kept_and_mistakes_never_tell_a_key()
    {
        var options = new StreamCoreOptions();
        options.Server.ApiKeys = ["secret", "", "sha256:secret"];
        var mistakes = new List<string>();
        OptionsRules.Check(options, mistakes);
        OptionsRules.Check(options, []);
        Assert.Equal(2, mistakes.Count);
        Assert.All(mistakes, line => Assert.DoesNotContain("secret", line, StringComparison.Ordinal));
        Assert.Equal(ApiKeys.Hashed("secret"), options.Server.ApiKeys[0]);
        Assert.True(ApiKeys.IsValidHash(options.Server.ApiKeys[0]));
    }
}
