using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StreamCore.Engines.Import;
using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Real models under one budget, embedded in a program without a port.</summary>
public sealed class ModelTurns : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamcore-turns-").FullName;
    private readonly ManualTime _time = new();
    private IHost _host = null!;
    private HttpClient _http = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        foreach (var name in (string[])["a", "b"])
        {
            RandomModel.Write(Path.Combine(_folder, "source-" + name), "llama-tiny", seed: name[0], cancellation: Stop);
            ModelImporter.Import(Path.Combine(_folder, "source-" + name), Path.Combine(_folder, name), WeightFormat.Float32, cancellation: Stop);
        }

        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.Services.AddStreamCore(options =>
        {
            options.Server.Listen = [];
            options.Memory.Budget = OnnxMemory.Of(Path.Combine(_folder, "a"), options.Engine).TotalBytes * 3 / 2;
            options.Models =
            [
                new() { Name = "a", Path = Path.Combine(_folder, "a"), KeepAlive = TimeSpan.FromMinutes(10) },
                new() { Name = "b", Path = Path.Combine(_folder, "b"), Load = ModelLoad.Demand },
            ];
        });
        _host = builder.Build();
        await _host.StartAsync(Stop);
        _http = new HttpClient(_host.Services.GetRequiredService<StreamCoreHost>().CreateHandler()) { BaseAddress = new Uri("http://streamcore/") };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.StopAsync();
        _host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task They_take_turns_and_answer_as_they_did_before()
    {
        Assert.Equal(("loaded", "unloaded"), await StatusAsync());
        var first = await AnswersAsync();
        Assert.Equal(("unloaded", "loaded"), await StatusAsync());
        Assert.NotEqual(first.A, first.B);
        Assert.Equal(first, await AnswersAsync());

        var many = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => AnswerAsync(i % 2 == 0 ? "a" : "b")));
        for (var i = 0; i < many.Length; i++) Assert.Equal(i % 2 == 0 ? first.A : first.B, many[i]);
    }

    [Fact]
    public async Task One_that_nobody_asks_for_is_unloaded_after_its_keep_alive_and_loaded_again()
    {
        var before = await AnswerAsync("a");
        _time.Advance(TimeSpan.FromMinutes(10));
        while (await StatusAsync() is not ("unloaded", _)) await Task.Yield();
        Assert.Equal(before, await AnswerAsync("a"));
        Assert.Equal(("loaded", "unloaded"), await StatusAsync());
    }

    private async Task<(string A, string B)> AnswersAsync() => (await AnswerAsync("a"), await AnswerAsync("b"));

    private async Task<string> AnswerAsync(string model)
    {
        var events = await RawHttp.StreamAsync(
            _http, "v1/completions", new { model, prompt = "Once upon", max_tokens = 12, temperature = 0, stream = true }, Stop);
        Assert.Equal("[DONE]", events[^1]);
        return string.Concat(events.SkipLast(1).Select(data => JsonDocument.Parse(data).RootElement.GetProperty("choices")[0].GetProperty("text").GetString()));
    }

    private async Task<(string?, string?)> StatusAsync()
    {
        using var list = JsonDocument.Parse(await _http.GetStringAsync("v1/models", Stop));
        var models = list.RootElement.GetProperty("data").EnumerateArray()
            .ToDictionary(card => card.GetProperty("id").GetString()!, card => card.GetProperty("status").GetProperty("value").GetString());
        return (models["a"], models["b"]);
    }
}
