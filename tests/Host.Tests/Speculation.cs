using System.Diagnostics.Metrics;
using StreamCore.Engines.Models;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>A real model's streams are the same with drafted tokens as without.</summary>
public sealed class Speculation : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"streamcore-speculation-{Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Streamed_answers_are_the_same_with_drafts_as_without()
    {
        var stop = TestContext.Current.CancellationToken;
        RandomModel.Write(_folder, "llama-tiny", 1, cancellation: stop);
        var name = $"drafting-{Guid.NewGuid():N}";
        var accepted = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "streamcore.drafts") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (tags[0].Value as string == name && tags[1].Value as string == "accepted") Interlocked.Add(ref accepted, value);
        });
        listener.Start();

        var without = await AskAsync(name, maxDraftTokens: 0, stop);
        Assert.Equal(0, Volatile.Read(ref accepted));
        var with = await AskAsync(name, maxDraftTokens: 8, stop);
        Assert.Equal(without, with);
        Assert.True(Volatile.Read(ref accepted) > 0);
    }

    private async Task<List<ChatAnswer>> AskAsync(string name, int maxDraftTokens, CancellationToken stop)
    {
        await using var server = await OwnServer.StartAsync(stop, options =>
        {
            options.Models = [new() { Name = name, Path = _folder, Weights = "float32" }];
            options.Scheduler.Speculation.MaxDraftTokens = maxDraftTokens;
        });
        using var http = server.Client();
        var answers = new List<ChatAnswer>();
        foreach (var (temperature, penalty) in new[] { (0.0, 0.0), (0.05, 0), (0.7, 0), (0.05, 0.5) })
        {
            answers.Add(await ChatAnswer.StreamedAsync(http, new
            {
                model = name,
                messages = new[] { new { role = "user", content = "The cat sat on the mat. The cat sat on the hat. The cat sat on" } },
                temperature,
                presence_penalty = penalty,
                seed = 5,
                max_completion_tokens = 150,
                ignore_eos = true,
                stream = true,
                stream_options = new { include_usage = true },
            }, stop));
        }

        return answers;
    }
}
