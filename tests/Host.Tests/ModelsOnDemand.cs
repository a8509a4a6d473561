using System.Net.Http.Json;
using System.Text.Json;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Requests for models that are not loaded wait for them, and see no more of it than that.</summary>
public sealed class ModelsOnDemand : IAsyncDisposable
{
    private const long Gigabyte = 1_000_000_000;

    private readonly ManualTime _time = new();
    private readonly SemaphoreSlim _begun = new(0);
    private readonly SemaphoreSlim _permits = new(0);
    private OwnServer? _server;
    private HttpClient _http = null!;
    private volatile Exception? _fails;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _permits.Release(100);
        _http.Dispose();
        if (_server is not null) await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_waits_with_comments_and_is_answered_when_the_model_is_loaded()
    {
        await StartAsync("a");
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = JsonContent.Create(Ask("a", stream: true)) };
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var stream = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        await _begun.WaitAsync(Stop);
        for (var comments = 0; comments < 2; comments++)
        {
            var line = stream.ReadLineAsync(Stop).AsTask();
            while (!line.IsCompleted)
            {
                // Not faster than the server can go: it takes a client for dead whose answer is on its way for a minute.
                _time.Advance(TimeSpan.FromSeconds(1));
                await Task.WhenAny(line, Task.Delay(TimeSpan.FromMilliseconds(20), Stop));
            }

            Assert.Equal(": keep-alive", await line);
            Assert.Equal("", await stream.ReadLineAsync(Stop));
        }

        _permits.Release();
        var events = await RawHttp.EventsAsync(stream, Stop);
        Assert.Equal(("Hello.", "[DONE]"), (RawHttp.Text(events), events[^1]));
    }

    [Fact]
    public async Task A_whole_answer_waits_and_others_wait_for_the_same_loading()
    {
        await StartAsync("a");
        var first = RawHttp.PostAsync(_http, "v1/chat/completions", Ask("a"), Stop);
        await _begun.WaitAsync(Stop);
        var second = RawHttp.PostAsync(_http, "v1/chat/completions", Ask("a"), Stop);
        Assert.Equal("loading", await StatusAsync("a"));
        _permits.Release();
        Assert.Equal((200, 200), ((await first).Status, (await second).Status));
        Assert.Equal("loaded", await StatusAsync("a"));
        Assert.False(_begun.Wait(0, Stop));
    }

    [Fact]
    public async Task What_is_wrong_with_a_request_is_told_without_loading()
    {
        await StartAsync("a");
        var messages = new[] { new { role = "user", content = "Hello!" } };
        foreach (var (body, code) in new (object, string)[]
        {
            (new { model = "a", messages, temperature = 3, stream = true }, "decimal_above_max_value"),
            (new { model = "b", messages, stream = true }, "model_not_found"),
            (new { model = "a", messages, max_tokens = 100_000, stream = true }, "context_length_exceeded"),
            (new { model = "a", messages = new[] { new { role = "user", content = new string('x', 5000) } }, stream = true }, "context_length_exceeded"),
        })
        {
            var (status, error) = await RawHttp.PostAsync(_http, "v1/chat/completions", body, Stop);
            Assert.InRange(status, 400, 404);
            Assert.Equal(code, error.GetProperty("error").GetProperty("code").GetString());
        }

        Assert.Equal(200, (await RawHttp.PostAsync(_http, "tokenize", new { model = "a", content = "Hello" }, Stop)).Status);
        Assert.Equal(200, (await RawHttp.PostAsync(_http, "apply-template", new { model = "a", messages }, Stop)).Status);
        Assert.Equal("unloaded", await StatusAsync("a"));
        Assert.False(_begun.Wait(0, Stop));
    }

    [Fact]
    public async Task A_failed_loading_is_an_error_of_the_server_and_the_next_request_tries_again()
    {
        await StartAsync("a");
        _permits.Release(3);
        _fails = new InvalidOperationException("The file is gone.");
        var (status, body) = await RawHttp.PostAsync(_http, "v1/chat/completions", Ask("a"), Stop);
        Assert.Equal((503, "engine_failed"), (status, body.GetProperty("error").GetProperty("code").GetString()));
        var events = await RawHttp.StreamAsync(_http, "v1/chat/completions", Ask("a", stream: true), Stop);
        Assert.Equal(2, events.Count);
        Assert.Equal("engine_failed", JsonDocument.Parse(events[0]).RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("[DONE]", events[1]);
        _fails = null;
        Assert.Equal("Hello.", await RawHttp.WholeAsync(_http, Ask("a"), Stop));
    }

    [Fact]
    public async Task Models_take_turns_where_only_one_fits()
    {
        await StartAsync("a", "b");
        _permits.Release(100);
        for (var i = 0; i < 6; i++)
        {
            var (asked, other) = i % 2 == 0 ? ("a", "b") : ("b", "a");
            Assert.Equal("Hello.", await RawHttp.WholeAsync(_http, Ask(asked), Stop));
            Assert.Equal(("loaded", "unloaded"), (await StatusAsync(asked), await StatusAsync(other)));
        }

        var together = Enumerable.Range(0, 20).Select(i => RawHttp.WholeAsync(_http, Ask(i % 2 == 0 ? "a" : "b"), Stop));
        Assert.All(await Task.WhenAll(together), text => Assert.Equal("Hello.", text));
    }

    [Fact]
    public async Task A_request_that_waits_too_long_is_told_to_come_back()
    {
        await StartAsync("a");
        var waits = _http.PostAsJsonAsync("v1/chat/completions", Ask("a"), Stop);
        await _begun.WaitAsync(Stop);
        while (!waits.IsCompleted)
        {
            _time.Advance(TimeSpan.FromHours(1));
            await Task.Yield();
        }

        using var answer = await waits;
        Assert.Equal(503, (int)answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(10), answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_server_that_stops_during_a_loading_tells_who_waits()
    {
        await StartAsync("a");
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = JsonContent.Create(Ask("a", stream: true)) };
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        using var stream = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        await _begun.WaitAsync(Stop);
        var stopped = _server!.StopAsync();
        var events = await RawHttp.EventsAsync(stream, Stop);
        Assert.Equal("service_unavailable", JsonDocument.Parse(events[0]).RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("[DONE]", events[1]);
        await stopped.WaitAsync(Stop);
    }

    [Fact]
    public async Task A_client_that_leaves_while_it_waits_leaves_nothing_behind()
    {
        await StartAsync("a", "b");
        using (var leaving = CancellationTokenSource.CreateLinkedTokenSource(Stop))
        {
            var left = _http.PostAsJsonAsync("v1/chat/completions", Ask("a"), leaving.Token);
            await _begun.WaitAsync(Stop);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        }

        _permits.Release(100);
        Assert.Equal("Hello.", await RawHttp.WholeAsync(_http, Ask("b"), Stop));
        Assert.Equal("unloaded", await StatusAsync("a"));
    }

    [Fact]
    public async Task The_server_is_ready_with_models_that_are_not_loaded()
    {
        await StartAsync("a");
        using var ready = await _http.GetAsync("ready", Stop);
        Assert.Equal(200, (int)ready.StatusCode);
    }

    /// <summary>With these models, of which one fits beside nothing. The built-in one is there too, not loaded.</summary>
    private async Task StartAsync(params string[] models)
    {
        _server = await OwnServer.StartAsync(Stop, options =>
        {
            options.Models = [new() { Name = ServerFixture.Model, Load = ModelLoad.Demand }];
            options.Memory.Budget = 2 * Gigabyte;
            // Time runs on while a test waits for what a second of it brings about.
            options.Memory.LoadTimeout = TimeSpan.FromDays(1);
            options.Server.KeepAliveInterval = TimeSpan.FromSeconds(1);
        }, _time);
        _http = _server.Client();
        foreach (var name in models) ScriptedModel.Add(_server.Services, name, Engine, bytes: 2 * Gigabyte);
    }

    private ScriptedEngine Engine()
    {
        _begun.Release();
        _permits.Wait();
        if (_fails is { } fault) throw fault;
        var engine = ScriptedModel.Engine();
        engine.Says("Hello.");
        return engine;
    }

    private async Task<string?> StatusAsync(string model)
    {
        using var card = JsonDocument.Parse(await _http.GetStringAsync("v1/models/" + model, Stop));
        return card.RootElement.GetProperty("status").GetProperty("value").GetString();
    }

    private static object Ask(string model, bool stream = false) => new
    {
        model,
        messages = new[] { new { role = "user", content = "Hello!" } },
        max_completion_tokens = 20,
        temperature = 0,
        stream,
    };
}
