using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json;
using StreamCore.StackFlowSimulator;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Devices that come, go and break, and clients that leave them.</summary>
public sealed class DeviceTrouble
{
    private const string Long = "Tell me 300 words.";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_device_that_dies_in_mid_answer_ends_it_with_an_error_event_and_the_next_goes_to_the_other()
    {
        await using var server = await DeviceServer.StartAsync(pace: DeviceServer.Slow);
        using var answer = await StreamAsync(server.Http, Long);
        using var stream = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop));
        await ReadContentAsync(stream);
        var busy = Assert.Single(server.Devices, device => device.Tasks.Any(task => task.IsBusy));
        busy.Kill();
        var rest = await RawHttp.EventsAsync(stream, Stop);
        Assert.Equal("[DONE]", rest[^1]);
        var error = JsonDocument.Parse(rest[^2]).RootElement.GetProperty("error");
        Assert.Equal(("server_error", "engine_failed"), (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()));

        Assert.Equal(DeviceServer.Expected("Say 4 words."), await RawHttp.WholeAsync(server.Http, DeviceServer.Chat("Say 4 words."), Stop));
        Assert.Single(Assert.Single(server.Devices, device => device != busy).Generations);
    }

    [Fact]
    public async Task A_client_that_leaves_frees_its_device()
    {
        await using var server = await DeviceServer.StartAsync(count: 1, pace: DeviceServer.Slow);
        var device = server.Devices[0];
        using var http = new HttpClient(new SocketsHttpHandler { MaxResponseDrainSize = 0, ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = server.Address };
        using (var answer = await StreamAsync(http, Long))
        using (var stream = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop)))
        {
            await ReadContentAsync(stream);
            Assert.Contains(device.Tasks, task => task.IsBusy);
        }

        await device.UntilAsync(one => one.Tasks.All(task => !task.IsBusy)).WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal(DeviceServer.Expected("Say 3 words."), await RawHttp.WholeAsync(server.Http, DeviceServer.Chat("Say 3 words."), Stop));
    }

    [Fact]
    public async Task A_server_whose_devices_are_down_starts_and_serves_them_when_they_come()
    {
        var device = SimulatedDevice.Start(new SimulatorOptions());
        device.Kill();
        await using var server = await DeviceServer.StartAsync([device], options =>
        {
            options.StackFlow.Models = [new() { Model = DeviceServer.Model, Name = "small" }];
            options.Pools.UnreachableTimeout = TimeSpan.FromMilliseconds(100);
            options.Aliases["assistant"] = DeviceServer.Thinker; // which only the device will tell of
        });
        Assert.Equal(["small"], await NamesAsync(server));
        foreach (var name in new[] { "small", "assistant" })
        {
            using var refused = await server.Http.PostAsJsonAsync("v1/chat/completions", DeviceServer.Chat("Say 3 words.", name), Stop);
            Assert.Equal(503, (int)refused.StatusCode);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        }

        Assert.Equal(404, (await RawHttp.PostAsync(server.Http, "v1/chat/completions", DeviceServer.Chat("Hi", DeviceServer.Thinker), Stop)).Status);
        Assert.Equal(200, (int)(await server.Http.GetAsync("ready", Stop)).StatusCode);

        device.Restart();
        Assert.Equal(DeviceServer.Expected("Say 3 words."), await AnsweredAsync(server, "small"));
        Assert.StartsWith(DeviceServer.Expected("Say 3 words.", DeviceServer.Thinker)[^5..], (await AnsweredAsync(server, "assistant"))[^5..], StringComparison.Ordinal);
        Assert.Contains(DeviceServer.Vision, await NamesAsync(server));

        device.Kill();
        await RefusedAsync(server, "small");
        Assert.Contains(DeviceServer.Vision, await NamesAsync(server)); // what was found stays
        device.Restart();
    }

    [Fact]
    public async Task A_server_that_stops_lets_answers_end_and_leaves_no_tasks_behind()
    {
        await using var server = await DeviceServer.StartAsync(pace: DeviceServer.Slow);
        using var answer = await StreamAsync(server.Http, "Tell me 20 words.");
        using var stream = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop));
        var first = await ReadContentAsync(stream);
        var stopping = server.Server.StopAsync();
        var rest = await RawHttp.EventsAsync(stream, Stop);
        Assert.Equal("[DONE]", rest[^1]);
        Assert.Equal(DeviceServer.Expected("Tell me 20 words."), first + RawHttp.Text(rest));
        await stopping;
    }

    [Fact]
    public async Task A_model_of_this_process_and_one_of_a_device_share_a_name_where_the_settings_say_so()
    {
        var endedHere = 0L;
        using var listener = Counting(ServerFixture.Model + "/onnx", "streamcore.generations.ended", count => Interlocked.Add(ref endedHere, count));
        await using var server = await DeviceServer.StartAsync(pace: DeviceServer.Slow, configure: options =>
        {
            options.Models = [new() { Name = ServerFixture.Model }];
            options.StackFlow.Models = [new() { Model = DeviceServer.Model, Name = ServerFixture.Model }];
            options.Scheduler.MaxRunningSequences = 1;
        });

        // With its one place taken here, the others go to devices.
        var ask = DeviceServer.Chat("Say 5 words.", ServerFixture.Model);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RawHttp.WholeAsync(server.Http, ask, Stop)));
        var fromDevices = answers.Count(answer => answer == DeviceServer.Expected("Say 5 words."));
        Assert.InRange(fromDevices, 1, 3);
        Assert.Equal(fromDevices, server.Devices.Sum(device => device.Generations.Count));

        // What devices cannot do is done here; what neither can is refused.
        var messages = new[] { new { role = "user", content = "Say 5 words." } };
        Assert.Equal(200, (await RawHttp.PostAsync(server.Http, "v1/chat/completions", new { model = ServerFixture.Model, messages, logit_bias = new Dictionary<string, int> { ["5"] = 1 } }, Stop)).Status);
        Assert.Equal(fromDevices, server.Devices.Sum(device => device.Generations.Count));
        var (status, body) = await RawHttp.PostAsync(server.Http, "v1/chat/completions", new { model = ServerFixture.Model, messages, logprobs = true }, Stop);
        Assert.Equal((400, "logprobs"), (status, body.GetProperty("error").GetProperty("param").GetString()));

        // The pool counts all under the model's name, the engine instance its own under another.
        Assert.Equal(5 - fromDevices, Volatile.Read(ref endedHere));

        // Without devices the model is still there.
        foreach (var device in server.Devices) device.Kill();
        Assert.NotEmpty(await RawHttp.WholeAsync(server.Http, ask, Stop));
        foreach (var device in server.Devices) device.Restart();
    }

    [Fact]
    public async Task With_devices_the_built_in_model_is_not_served()
    {
        await using var server = await DeviceServer.StartAsync(count: 1, configure: options => options.StackFlow.Devices[0].Models = [new() { Model = DeviceServer.Model }]);
        Assert.DoesNotContain(ServerFixture.Model, await NamesAsync(server));
    }

    [Fact]
    public async Task Only_named_models_are_served_where_nothing_is_to_be_discovered()
    {
        await using var server = await DeviceServer.StartAsync(count: 1, configure: options =>
        {
            options.StackFlow.Devices[0].Discover = false;
            options.StackFlow.Devices[0].Models = [new() { Model = DeviceServer.Model, Name = "only" }];
        });
        Assert.Equal(["only"], await NamesAsync(server));
        Assert.Equal(DeviceServer.Expected("Say 3 words."), await RawHttp.WholeAsync(server.Http, DeviceServer.Chat("Say 3 words.", "only"), Stop));
    }

    private static async Task<string[]> NamesAsync(DeviceServer server)
    {
        var list = await server.Http.GetFromJsonAsync<JsonElement>("v1/models", Stop);
        return [.. list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!)];
    }

    /// <summary>The answer, asked for until there is one.</summary>
    private static async Task<string> AnsweredAsync(DeviceServer server, string model)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var (status, body) = await RawHttp.PostAsync(server.Http, "v1/chat/completions", DeviceServer.Chat("Say 3 words.", model), late.Token);
            if (status == 200) return body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
            Assert.Equal(503, status);
        }
    }

    /// <summary>Asks until the device is known to be gone.</summary>
    private static async Task RefusedAsync(DeviceServer server, string model)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await RawHttp.PostAsync(server.Http, "v1/chat/completions", DeviceServer.Chat("Say 3 words.", model), late.Token)).Status != 503) { }
    }

    private static async Task<HttpResponseMessage> StreamAsync(HttpClient http, string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = JsonContent.Create(DeviceServer.Chat(text, stream: true)) };
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        response.EnsureSuccessStatusCode();
        return response;
    }

    /// <summary>Reads until the answer has begun.</summary>
    private static async Task<string> ReadContentAsync(StreamReader stream)
    {
        while (await stream.ReadLineAsync(Stop) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal) && RawHttp.Text([line[6..]]) is { Length: > 0 } text) return text;
        }

        throw new InvalidOperationException("The stream ended before its text began.");
    }

    /// <summary>Passes on what an instance of the scheduler counts.</summary>
    private static MeterListener Counting(string instance, string name, Action<long> count)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == name) self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (tags[0].Value as string == instance) count(value);
        });
        listener.Start();
        return listener;
    }
}
