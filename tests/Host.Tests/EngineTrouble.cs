using System.Net.Http.Json;
using System.Text.Json;
using StreamCore.Scheduler;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>An engine that is full or fails is told of as OpenAI would.</summary>
public sealed class EngineTrouble
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_beyond_the_queue_is_told_to_come_back()
    {
        await using var server = await ScriptedServer.StartAsync(scheduler: new SchedulerOptions { MaxRunningSequences = 1, QueueCapacity = 0 });
        server.Says("Hello.");
        server.Engine.Hold();
        var first = RawHttp.PostAsync(server.Http, "v1/chat/completions", Ask(stream: false), Stop);
        await server.Engine.StepWaits();
        using var refused = await server.Http.PostAsJsonAsync("v1/chat/completions", Ask(stream: false), Stop);
        AssertError(await refused.Content.ReadAsStringAsync(Stop), "rate_limit_error", "rate_limit_exceeded");
        Assert.Equal(429, (int)refused.StatusCode);
        Assert.True(refused.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        server.Engine.Open();
        Assert.Equal(200, (await first).Status);
    }

    [Theory]
    [InlineData(false, 500)]
    [InlineData(true, 503)]
    public async Task A_failed_step_is_an_error_of_the_server(bool mayRetry, int status)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Engine.FailWhen = _ => new EngineException(new EngineFault("The device is gone.", mayRetry));
        using var response = await server.Http.PostAsJsonAsync("v1/chat/completions", Ask(stream: false), Stop);
        Assert.Equal(status, (int)response.StatusCode);
        AssertError(await response.Content.ReadAsStringAsync(Stop), "server_error", "engine_failed");
    }

    [Fact]
    public async Task A_step_that_fails_within_a_stream_is_its_last_event_but_one()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Says("Hello.");
        server.Engine.FailWhen = _ => server.Engine.StepCount > 4 ? new EngineException(new EngineFault("The device is gone.", MayRetry: false)) : null;
        var events = await RawHttp.StreamAsync(server.Http, "v1/chat/completions", Ask(stream: true), Stop);
        Assert.Equal("[DONE]", events[^1]);
        AssertError(events[^2], "server_error", "engine_failed");
        Assert.Contains("\"content\":\"", events[^3], StringComparison.Ordinal);
    }

    private static void AssertError(string json, string type, string code)
    {
        var error = JsonDocument.Parse(json).RootElement.GetProperty("error");
        Assert.Equal((type, code), (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()));
    }

    private static object Ask(bool stream) => new
    {
        model = ScriptedServer.Model,
        messages = new[] { new { role = "user", content = "Hello!" } },
        max_completion_tokens = 20,
        temperature = 0,
        stream,
    };
}
