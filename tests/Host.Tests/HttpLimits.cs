using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using StreamCore.Engines.Models;
using StreamCore.Host.Composition;
using StreamCore.Host.Configuration;
using StreamCore.TestKit;
using StreamCore.Transport;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>The limits and deadlines of <c>streamcore.yaml</c> hold, and what goes beyond them is told as OpenAI would.</summary>
public sealed class HttpLimits : IDisposable
{
    private const string Get = "GET /v1/models HTTP/1.1\r\nHost: h\r\n\r\n";
    private const string Probe = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";

    private readonly string _noise = Path.Combine(Path.GetTempPath(), $"streamcore-limits-{Guid.NewGuid():N}");
    private readonly ManualTime _time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_noise)) Directory.Delete(_noise, recursive: true);
    }

    [Theory]
    [InlineData("maxConnections: 1", "HTTP/1.1 503 ", "server_error")]
    [InlineData("maxConnectionsPerAddress: 1", "HTTP/1.1 429 ", "rate_limit_error")]
    public async Task A_connection_too_many_is_turned_away(string setting, string status, string type)
    {
        await using var server = await StartAsync(setting);
        using var first = await AskAsync(server, Get);
        await first.ReadLineAsync(Stop);
        using var second = await AskAsync(server, Get);
        await AssertRefusedAsync(second, Get, status, type, retryAfter: "1");
    }

    [Fact]
    public async Task A_request_too_many_is_refused_but_never_a_probe()
    {
        await using var server = await StartAsync("maxRequestsInFlight: 1");
        // Its body never comes, so it stays in hand.
        using var waiting = await AskAsync(server, "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
        await UntilAsync(() => server.Services.GetRequiredService<HttpConnectionHandler>().RequestCount == 1);
        using var second = await AskAsync(server, Get + Probe.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal));
        await AssertRefusedAsync(second, Get, "HTTP/1.1 503 ", "server_error", retryAfter: "1", closes: false);
        Assert.StartsWith("HTTP/1.1 200 ", await second.ReadToEndAsync(Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("maxBodyBytes: 10", "POST /v1/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n", "HTTP/1.1 413 ")]
    [InlineData("maxHeadBytes: 300\n  maxTargetBytes: 100", "GET / HTTP/1.1\r\nHost: h\r\nX: " + Long + "\r\n\r\n", "HTTP/1.1 431 ")]
    [InlineData("maxTargetBytes: 100", "GET /" + Long + " HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 414 ")]
    [InlineData("maxHeaderCount: 1", "GET / HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n", "HTTP/1.1 431 ")]
    public async Task What_is_too_large_is_refused(string setting, string request, string status)
    {
        await using var server = await StartAsync(setting);
        using var answer = await AskAsync(server, request);
        await AssertRefusedAsync(answer, request, status, "invalid_request_error", retryAfter: null);
    }

    [Theory]
    [InlineData("headTimeout: 7s", "GET / HTTP/1.1\r\n", "", "HTTP/1.1 408 ")]
    [InlineData("bodyStallTimeout: 7s\n  bodyRateGrace: 60s", "POST /v1/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n{", "", "HTTP/1.1 408 ")]
    [InlineData("keepAliveTimeout: 7s", Get, "HTTP/1.1 200 ", "")]
    public async Task What_comes_too_late_is_given_up(string setting, string request, string before, string after)
    {
        await using var server = await StartAsync(setting, _time);
        var handler = server.Services.GetRequiredService<HttpConnectionHandler>();
        var client = Connect(handler);
        await client.SendAsync(request);
        _time.Advance(TimeSpan.FromSeconds(6.9));
        AssertBegins(before, client.ReceiveAvailable());
        Assert.Equal(1, handler.ConnectionCount);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        var late = client.ReceiveAvailable();
        AssertBegins(after, late);
        if (late.Length > 0) Recording.Keep(request, late);
        // It lingers, once told why.
        Assert.Equal(after.Length > 0 ? 1 : 0, handler.ConnectionCount);
        client.CloseSending();
    }

    [Fact]
    public async Task A_client_that_does_not_read_loses_its_generation()
    {
        RandomModel.Write(_noise, "llama-tiny", 1, cancellation: Stop);
        await using var server = await StartAsync("writeTimeout: 7s", _time, options =>
        {
            options.Server.KeepAliveInterval = TimeSpan.Zero;
            options.Models = [new() { Name = ServerFixture.Noise, Path = _noise, Weights = "float32" }];
        });
        // In memory, where only 64 KiB fit between the two.
        await using var client = server.Services.GetRequiredService<HttpConnectionHandler>().OpenInMemory();
        var body = JsonSerializer.Serialize(new { model = ServerFixture.Noise, prompt = new[] { "a", "b", "c", "d" }, max_tokens = 1900, temperature = 0, stream = true });
        await client.WriteAsync(Encoding.ASCII.GetBytes($"POST /v1/completions HTTP/1.1\r\nHost: h\r\nContent-Length: {body.Length}\r\n\r\n{body}"), Stop);
        var model = server.Services.GetRequiredService<ModelCatalog>().Models[0];
        using var lease = (await model.Resident.LeaseAsync(Timeout.InfiniteTimeSpan, Stop)).Lease!;
        var scheduler = lease.Scheduler;
        await UntilAsync(() => scheduler.Progress.Running > 0);
        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return scheduler.Progress is { Running: 0, Waiting: 0 };
        });
        Assert.InRange(scheduler.Progress.Steps, 1, 1899); // none ran to its end
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            using var text = new StreamReader(client);
            await text.ReadToEndAsync(Stop);
        });
    }

    [Theory]
    [InlineData("maxConnections: 0", "MaxConnections must be at least 1")]
    [InlineData("maxRequestsInFlight: 0", "MaxRequestsInFlight must be at least 1")]
    [InlineData("maxPipelinedRequests: 0", "MaxPipelinedRequests must be at least 1")]
    [InlineData("writeTimeout: 0", "WriteTimeout must be longer than zero")]
    [InlineData("maxRequests: 1", "unknown setting 'http.maxRequests'")]
    public void A_limit_that_cannot_be_is_refused_at_start(string setting, string mistake)
    {
        var mistakes = new List<string>();
        OptionsRules.Check(Configured(setting, mistakes), mistakes);
        Assert.Contains(mistake, Assert.Single(mistakes), StringComparison.Ordinal);
    }

    private const string Long =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private static StreamCoreOptions Configured(string setting, List<string> mistakes)
    {
        var settings = new List<Setting>();
        var options = new StreamCoreOptions();
        YamlSettings.Read("http:\n  " + setting + "\n", "streamcore.yaml", settings, mistakes);
        SettingsBinder.Bind(options, settings, mistakes);
        return options;
    }

    private static Task<OwnServer> StartAsync(string setting, TimeProvider? time = null, Action<StreamCoreOptions>? configure = null)
    {
        var mistakes = new List<string>();
        var http = Configured(setting, mistakes).Http;
        Assert.Empty(mistakes);
        return OwnServer.StartAsync(Stop, options =>
        {
            options.Http = http;
            configure?.Invoke(options);
        }, time);
    }

    private static async Task<StreamReader> AskAsync(OwnServer server, string request)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Address.Host, server.Address.Port, Stop);
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), Stop);
        return new StreamReader(new NetworkStream(socket, ownsSocket: true));
    }

    private static void AssertBegins(string expected, string received) => Assert.Equal(expected, received[..Math.Min(expected.Length == 0 ? int.MaxValue : expected.Length, received.Length)]);

    /// <summary>A connection whose server has done all it can when a send returns.</summary>
    private static InMemoryConnection Connect(HttpConnectionHandler handler)
    {
        var client = new InMemoryConnection();
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        _ = handler.ServeAsync(client.Server, default, CancellationToken.None);
        SynchronizationContext.SetSynchronizationContext(context);
        return client;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Stop.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>One answer with an error object; what is behind it is left.</summary>
    private static async Task AssertRefusedAsync(StreamReader answer, string request, string status, string type, string? retryAfter, bool closes = true)
    {
        Assert.StartsWith(status, await answer.ReadLineAsync(Stop), StringComparison.Ordinal);
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await answer.ReadLineAsync(Stop) is { Length: > 0 } line) fields[line.Split(": ")[0]] = line.Split(": ")[1];
        Assert.Equal(retryAfter, fields.GetValueOrDefault("Retry-After"));
        Assert.Equal(closes ? "close" : null, fields.GetValueOrDefault("Connection"));
        Assert.True(fields.ContainsKey("Date") && fields.ContainsKey("x-request-id"));
        var body = new char[int.Parse(fields["Content-Length"], CultureInfo.InvariantCulture)];
        await answer.ReadBlockAsync(body, Stop);
        Recording.Keep(request, $"{status}\r\nContent-Type: {fields["Content-Type"]}\r\n\r\n{new string(body)}");
        var error = JsonDocument.Parse(new string(body)).RootElement.GetProperty("error");
        Assert.Equal(type, error.GetProperty("type").GetString());
        Assert.Equal(4, error.EnumerateObject().Count());
    }
}
