using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using StreamCore.Engines.Models;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>The program itself, told to stop by SIGTERM.</summary>
public sealed class Terminating : IDisposable
{
    private readonly string _noise = Path.Combine(Path.GetTempPath(), $"streamcore-terminating-{Guid.NewGuid():N}");

    public Terminating()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGTERM.");
        RandomModel.Write(_noise, "llama-tiny", 1, cancellation: Stop);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_noise)) Directory.Delete(_noise, recursive: true);
    }

    [Fact]
    public async Task It_refuses_what_is_new_lets_streams_finish_and_ends_well()
    {
        using var program = await StartAsync("120s");
        using var http = Recording.Client(program.Address);
        using var finishing = await OpenStreamAsync(http, prompts: 1);
        using var holding = await OpenStreamAsync(http, prompts: 64); // more work than the test has time: it keeps the server up
        await program.TerminateAsync(Stop);

        using var draining = await UntilDrainingAsync(http);
        Assert.Equal("""{"status":"draining"}""", await draining.Content.ReadAsStringAsync(Stop));
        using var health = await http.GetAsync("health", Stop);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        using var refused = await http.PostAsJsonAsync("v1/chat/completions", RawHttp.Chat("Hello!"), Stop);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (refused.StatusCode, refused.Headers.ConnectionClose));
        Assert.NotNull(refused.Headers.RetryAfter);

        var events = await RawHttp.EventsAsync(finishing, Stop);
        Assert.Equal("[DONE]", events[^1]);
        Assert.Equal("length", JsonDocument.Parse(events[^2]).RootElement.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        holding.Dispose(); // its client leaves, and nothing is left to wait for
        Assert.Equal(0, await program.ExitCodeAsync(Stop));
    }

    [Fact]
    public async Task A_stream_that_outlasts_the_drain_ends_with_an_error_event_and_done()
    {
        using var program = await StartAsync("1s");
        using var http = Recording.Client(program.Address);
        using var stream = await OpenStreamAsync(http, prompts: 64);
        await program.TerminateAsync(Stop);

        var events = await RawHttp.EventsAsync(stream, Stop);
        Assert.Equal("[DONE]", events[^1]);
        Assert.Equal("service_unavailable", JsonDocument.Parse(events[^2]).RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(0, await program.ExitCodeAsync(Stop));
    }

    private Task<RunningProgram> StartAsync(string drainTimeout) => RunningProgram.StartAsync(
        ["--model", _noise, "--name", ServerFixture.Noise, "--weights", "float32", "--scheduler.maxRunningSequences", "2", "--server.drainTimeout", drainTimeout],
        Stop);

    /// <summary>Asks until the signal has come through; the answer that says so.</summary>
    private static async Task<HttpResponseMessage> UntilDrainingAsync(HttpClient http)
    {
        while (true)
        {
            var answer = await http.GetAsync("ready", Stop);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) return answer;
            answer.Dispose();
        }
    }

    /// <summary>A stream of noise with a choice for each prompt. Its head has come, so all of them are accepted.</summary>
    private static async Task<StreamReader> OpenStreamAsync(HttpClient http, int prompts)
    {
        var body = new { model = ServerFixture.Noise, prompt = Enumerable.Range(0, prompts).Select(i => $"{i}"), max_tokens = 1500, temperature = 0, stream = true };
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/completions") { Content = JsonContent.Create(body) };
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
    }
}
