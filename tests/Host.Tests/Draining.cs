using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StreamCore.Host.Hosting;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>A server that is told to stop takes nothing new, and leaves no client with half an answer.</summary>
public class Draining
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_running_stream_finishes_whole_while_new_requests_are_refused()
    {
        var time = new ManualTime();
        await using var server = await OwnServer.StartAsync(Stop, options => options.Server.DrainNotice = TimeSpan.FromSeconds(5), time);
        using var http = server.Client();
        using var streaming = server.Client();
        await AssertReadyAsync(http, HttpStatusCode.OK, "ready");
        using var stream = await OpenStreamAsync(streaming, prompts: 2);

        var stopped = server.StopAsync();
        await DrainingOf(server);
        await AssertReadyAsync(http, HttpStatusCode.ServiceUnavailable, "draining");
        using var health = await http.GetAsync("health", Stop);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        await AssertRefusedAsync(http);

        var events = await RawHttp.EventsAsync(stream, Stop);
        Assert.Equal("[DONE]", events[^1]);
        Assert.Equal(2, events.SkipLast(1).Select(data => JsonDocument.Parse(data).RootElement.GetProperty("choices")[0])
            .Count(choice => choice.GetProperty("finish_reason").ValueKind == JsonValueKind.String));
        Assert.False(stopped.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(5));
        await stopped.WaitAsync(Stop);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("health", Stop));
    }

    [Fact]
    public async Task A_stream_past_the_deadline_ends_with_an_error_event_and_done()
    {
        var time = new ManualTime();
        await using var server = await OwnServer.StartAsync(Stop, options =>
        {
            options.Server.DrainTimeout = TimeSpan.FromSeconds(7);
            options.Scheduler.MaxRunningSequences = 1; // the prompts of the stream wait for each other
        }, time);
        using var http = server.Client();
        using var stream = await OpenStreamAsync(http, prompts: 24);

        var stopped = server.StopAsync();
        await DrainingOf(server);
        time.Advance(TimeSpan.FromSeconds(7));

        var events = await RawHttp.EventsAsync(stream, Stop);
        Assert.Equal("[DONE]", events[^1]);
        var error = JsonDocument.Parse(events[^2]).RootElement.GetProperty("error");
        Assert.Equal("service_unavailable", error.GetProperty("code").GetString());
        await stopped.WaitAsync(Stop);
    }

    [Fact]
    public async Task The_notice_keeps_the_port_open_though_nothing_runs()
    {
        var time = new ManualTime();
        await using var server = await OwnServer.StartAsync(Stop, options => options.Server.DrainNotice = TimeSpan.FromSeconds(5), time);
        using var http = server.Client();
        var stopped = server.StopAsync();
        await DrainingOf(server);
        await AssertRefusedAsync(http);
        Assert.False(stopped.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(5));
        await stopped.WaitAsync(Stop);
    }

    [Fact]
    public void The_host_waits_longer_than_the_drain_may_take()
    {
        var services = new ServiceCollection();
        services.AddStreamCore(options => options.Server.DrainTimeout = TimeSpan.FromMinutes(5));
        using var provider = services.BuildServiceProvider();
        Assert.True(provider.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout > TimeSpan.FromMinutes(5));
    }

    /// <summary>Done when the server has begun to drain.</summary>
    private static Task DrainingOf(OwnServer server)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Services.GetRequiredService<Readiness>().Draining.Register(begun.SetResult);
        return begun.Task.WaitAsync(Stop);
    }

    /// <summary>A stream with a choice for each prompt; its head has come, so all of them are accepted.</summary>
    private static async Task<StreamReader> OpenStreamAsync(HttpClient http, int prompts)
    {
        var body = new
        {
            model = ServerFixture.Model,
            prompt = Enumerable.Range(0, prompts).Select(i => $"Count from {i}."),
            max_tokens = 200,
            temperature = 2.0,
            seed = 1,
            stream = true,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/completions") { Content = JsonContent.Create(body) };
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        return new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
    }

    private static async Task AssertReadyAsync(HttpClient http, HttpStatusCode status, string word)
    {
        using var answer = await http.GetAsync("ready", Stop);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal($$"""{"status":"{{word}}"}""", await answer.Content.ReadAsStringAsync(Stop));
    }

    private static async Task AssertRefusedAsync(HttpClient http)
    {
        using var answer = await http.PostAsJsonAsync("v1/chat/completions", RawHttp.Chat("Hello!"), Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.True(answer.Headers.ConnectionClose);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("error");
        Assert.Equal("server_error", error.GetProperty("type").GetString());
    }
}
