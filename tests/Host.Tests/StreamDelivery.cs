using System.Buffers;
using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Host.Composition;
using StreamCore.Host.Endpoints;
using StreamCore.Host.Planning;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Loading;
using StreamCore.TestKit;
using StreamCore.Transport;
using StreamCore.Transport.Exchange;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>When the parts of a stream are sent, shown with an engine that a test holds.</summary>
public sealed class StreamDelivery : IAsyncLifetime
{
    private static readonly string[] Prompts = ["one", "two"];

    private readonly ScriptedEngine _engine = new();
    private readonly SchedulerMetrics _metrics = new();
    private readonly ResidentModels _residents = new(long.MaxValue, TimeProvider.System, NullLogger.Instance);
    private readonly TokenModel _model;

    public StreamDelivery()
    {
        var tokenizer = new ScriptedTokenizer();
        var resident = _residents.Add(new ResidentOptions
        {
            Name = $"delivery-{Guid.NewGuid():N}",
            Bytes = 0,
            Load = () => new EngineInstance(_engine, new GenerationScheduler(
                _engine, tokenizer, new SchedulerOptions(), _metrics, TimeProvider.System, NullLogger.Instance, "delivery")),
        });
        _model = new TokenModel(_engine.Limits, resident)
        {
            Name = "scripted",
            Created = DateTimeOffset.UnixEpoch,
            Fingerprint = "fp",
            Tokenizer = tokenizer,
            Prompts = null,
            BeginToken = null,
            EndTokens = [ScriptedTokenizer.EndToken],
        };
    }

    public async ValueTask InitializeAsync() =>
        (await _model.Resident.LeaseAsync(Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken)).Lease!.Dispose();

    public async ValueTask DisposeAsync()
    {
        await _residents.DisposeAsync();
        _model.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public async Task The_head_is_sent_when_a_generation_is_admitted_and_does_not_wait_for_a_token()
    {
        _engine.Hold();
        var client = await AskAsync(unreadLimit: 1024 * 1024);
        var head = await client.ReceiveThroughAsync("\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: text/event-stream\r\n", head, StringComparison.Ordinal);
        Assert.Equal("", client.ReceiveAvailable());
        Assert.Equal(0, _engine.StepCount);

        _engine.Open();
        Assert.EndsWith("data: [DONE]\n\n\r\n0\r\n\r\n", await client.ReceiveThroughAsync("\r\n0\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_is_ready_goes_out_in_one_write_whichever_choice_it_is_of()
    {
        // The client has not read the head, so nothing more is sent while both choices run to their ends.
        var client = await AskAsync(unreadLimit: 1);
        await _residents.StopAsync(CancellationToken.None);
        await client.ReceiveThroughAsync("\r\n\r\n");

        var size = Convert.ToInt32((await client.ReceiveThroughAsync("\r\n"))[..^2], 16);
        var write = await client.ReceiveAsync(size);
        var events = write.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, events.Length);
        Assert.All(events, one => Assert.StartsWith("data: {", one, StringComparison.Ordinal));
        foreach (var index in new[] { "\"index\":0", "\"index\":1" })
            Assert.Equal(2, events.Count(one => one.Contains(index, StringComparison.Ordinal)));
        Assert.Equal("\r\n", await client.ReceiveAsync(2));
    }

    /// <summary>One answer with a choice for each prompt, of 8 tokens.</summary>
    private async Task<InMemoryConnection> AskAsync(int unreadLimit)
    {
        var client = new InMemoryConnection(unreadLimit);
        var handler = new HttpConnectionHandler(
            new Streaming(_model), new TransportOptions(), TimeProvider.System, NullLogger<HttpConnectionHandler>.Instance);
        _ = handler.ServeAsync(client.Server, default, CancellationToken.None);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        return client;
    }

    /// <summary>Streams whatever is asked.</summary>
    private sealed class Streaming(TokenModel model) : IHttpApplication
    {
        private readonly AnswerRunner _runner = new(new StreamCoreOptions(), TimeProvider.System, NullLogger<AnswerRunner>.Instance);

        public ValueTask HandleAsync(HttpExchange exchange) => _runner.RunAsync(
            exchange, model, new AnswerPlan([.. Prompts.Select(Plan)], 1, 1),
            new CompletionFormat(new ResponseStamp("cmpl-1", 1, model.Name, model.Fingerprint), false, logprobs: null, echoes: null), true,
            () => ApiError.Draining());

        public string DescribeRejection(RejectionAnswer answer, IBufferWriter<byte> body) => "text/plain";

        private GenerationRequest Plan(string prompt) => new()
        {
            PromptTokens = model.Tokenizer.Encode(prompt, special: false),
            Sampling = new SamplingSettings(0, 1, 0, 0, null, 1, PenaltySettings.None, [], EndSettings.Default, false),
            MaxTokens = 8,
            IgnoreEos = true,
        };
    }
}
