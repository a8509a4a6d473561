using System.ClientModel;
using System.ClientModel.Primitives;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenAI;
using OpenAI.Chat;
using StreamCore.Engines.Models;
using StreamCore.Host.Hosting;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>The official NuGet client against StreamCore in the same program, without a port.</summary>
public sealed class Embedded : IAsyncLifetime
{
    private static readonly ChatMessage[] Hello = [new UserChatMessage("Hello!")];
    private static readonly ChatCompletionOptions Greedy = new() { Temperature = 0, MaxOutputTokenCount = 24 };

    private readonly string _noise = Path.Combine(Path.GetTempPath(), $"streamcore-embedded-{Guid.NewGuid():N}");
    private readonly Meters _meters = new();
    private IHost _host = null!;
    private HttpClient _http = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        RandomModel.Write(_noise, "llama-tiny", 1);
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<IMeterFactory>(_meters);
        builder.Services.AddStreamCore(options =>
        {
            options.Server.Listen = [];
            options.Models = [new() { Name = ServerFixture.Model }, new() { Name = ServerFixture.Noise, Path = _noise, Weights = "float32" }];
        });
        _host = builder.Build();
        await _host.StartAsync(Stop);
        _http = new HttpClient(Recording.Over(_host.Services.GetRequiredService<StreamCoreHost>().CreateHandler()));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.StopAsync();
        _host.Dispose();
        Directory.Delete(_noise, recursive: true);
    }

    [Fact]
    public async Task No_port_is_opened_and_a_chat_is_answered_whole_and_streamed_alike()
    {
        Assert.Empty(_host.Services.GetRequiredService<StreamCoreServer>().Addresses);
        ChatCompletion whole = await Chat().CompleteChatAsync(Hello, Greedy, Stop);
        Assert.NotEmpty(whole.Content[0].Text);

        var text = "";
        ChatTokenUsage? usage = null;
        await foreach (var update in Chat().CompleteChatStreamingAsync(Hello, Greedy, Stop))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usage ??= update.Usage;
        }

        Assert.Equal(whole.Content[0].Text, text);
        Assert.Equal(whole.Usage.OutputTokenCount, usage?.OutputTokenCount);
    }

    [Fact]
    public void Synchronous_calls_are_answered()
    {
        ChatCompletion answer = Chat().CompleteChat(Hello, Greedy, Stop);
        Assert.NotEmpty(answer.Content[0].Text);
    }

    [Fact]
    public async Task An_error_is_the_same_as_over_a_network()
    {
        var fault = await Assert.ThrowsAsync<ClientResultException>(() => Chat("gpt-none").CompleteChatAsync(Hello, Greedy, Stop));
        Assert.Equal(404, fault.Status);
        Assert.Contains("gpt-none", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_a_stream_cancels_its_generation()
    {
        var freed = new TaskCompletionSource();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Scope == _meters && instrument.Name == "streamcore.slots.freed") l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => freed.TrySetResult());
        listener.Start();

        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            var options = new ChatCompletionOptions { MaxOutputTokenCount = 1900, Temperature = 0 };
            await foreach (var update in Chat(ServerFixture.Noise).CompleteChatStreamingAsync(Hello, options, leave.Token))
            {
                Assert.NotNull(update.CompletionId);
                Assert.False(freed.Task.IsCompleted);
                await leave.CancelAsync();
            }
        });
        await freed.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);
    }

    [Fact]
    public async Task Stopping_the_host_lets_an_answer_in_hand_end()
    {
        var parts = 0;
        var stopped = Task.CompletedTask;
        await foreach (var update in Chat().CompleteChatStreamingAsync(Hello, Greedy, Stop))
        {
            if (++parts == 1) stopped = _host.StopAsync(Stop);
            if (update.FinishReason is not null) parts = -parts;
        }

        Assert.True(parts < 0, "The stream ended without a finish reason.");
        await stopped.WaitAsync(TimeSpan.FromSeconds(30), Stop);
    }

    private ChatClient Chat(string model = ServerFixture.Model) => new(model, new ApiKeyCredential("unused"), new OpenAIClientOptions
    {
        Endpoint = new Uri("http://streamcore/v1"),
        Transport = new HttpClientPipelineTransport(_http),
    });

    /// <summary>Tells this host's instruments from those of others in the process.</summary>
    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(new MeterOptions(options.Name) { Scope = this });

        public void Dispose()
        {
        }
    }
}
