using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Protocol;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests;

/// <summary>A scheduler over a scripted engine. At the end no step may have broken an invariant, and every block must be free.</summary>
internal sealed class Harness : IAsyncDisposable
{
    private readonly SchedulerMetrics _metrics = new();
    private readonly RecordedMetrics? _recorded;

    public Harness(
        ScriptedEngine? engine = null, SchedulerOptions? options = null, ITokenizer? tokenizer = null, bool recordsMetrics = true)
    {
        Engine = engine ?? new ScriptedEngine();
        Name = $"test-{Guid.NewGuid():N}";
        if (recordsMetrics) _recorded = new RecordedMetrics(Name);
        Tokenizer = tokenizer ?? new ScriptedTokenizer();
        Scheduler = new GenerationScheduler(
            Engine, Tokenizer, options ?? new SchedulerOptions(), _metrics, Time, NullLogger.Instance, Name);
    }

    public static SamplingSettings Greedy { get; } = Sampling(temperature: 0);

    public string Name { get; }

    public ScriptedEngine Engine { get; }

    public ITokenizer Tokenizer { get; }

    public ManualTime Time { get; } = new();

    public GenerationScheduler Scheduler { get; }

    public static SamplingSettings Seeded(long seed) => Sampling(topP: 0.95f, topK: 40, seed: seed);

    /// <summary>Settings that say what is named and nothing else.</summary>
    public static SamplingSettings Sampling(
        float temperature = 1, float topP = 1, int topK = 0, long? seed = null, float typicalP = 1, PenaltySettings? penalties = null,
        TokenBias[]? bias = null, EndSettings? ends = null, bool showsSpecialTokens = false) =>
        new(temperature, topP, topK, 0, seed, typicalP, penalties ?? PenaltySettings.None, bias ?? [], ends ?? EndSettings.Default, showsSpecialTokens);

    /// <summary>The sum of an instrument's measurements, of those with this tag when given.</summary>
    public double Metric(string instrument, string? tag = null) => _recorded?.Sum(instrument, tag) ?? 0;

    public GenerationRequest Request(string prompt, int maxTokens = 16, SamplingSettings? sampling = null) => new()
    {
        PromptTokens = Tokenizer.Encode(prompt, special: true),
        Sampling = sampling ?? Greedy,
        MaxTokens = maxTokens,
        StopTokenIds = [ScriptedTokenizer.EndToken],
    };

    public Generation Submit(GenerationRequest request)
    {
        Assert.True(Scheduler.TrySubmit(request, out var generation, out var refusal), refusal.Reason.ToString());
        return generation;
    }

    public Generation Submit(string prompt, int maxTokens = 16, SamplingSettings? sampling = null) =>
        Submit(Request(prompt, maxTokens, sampling));

    /// <summary>A prompt for <see cref="ScriptedEngine.Says(string)"/>.</summary>
    public const string Ask = "<|user|>hi<|assistant|>";

    public static async Task<string> ReadAsync(Generation generation)
    {
        var text = new List<byte>();
        while (await generation.WaitToReadAsync())
        {
            while (generation.TryRead(out var delta))
            {
                Assert.Equal(text.Count, delta.Start);
                text.AddRange(generation.Text(delta).Span);
            }
        }

        Assert.Equal(generation.AllText().ToArray(), text);
        var whole = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. text]);
        generation.Dispose();
        return whole;
    }

    public async ValueTask DisposeAsync()
    {
        Engine.Open();
        await Scheduler.StopAsync(TestContext.Current.CancellationToken);
        Assert.Empty(Engine.Violations);
        Assert.Equal(Engine.Limits.BlockCount, Scheduler.Progress.FreeBlocks);
        Assert.Equal((0, 0), (Scheduler.Progress.Running, Scheduler.Progress.Waiting));
        Assert.Equal(0, Metric("streamcore.generations.running"));
        Assert.Equal(0, Metric("streamcore.generations.waiting"));
        _recorded?.Dispose();
        _metrics.Dispose();
        Engine.Dispose();
    }
}
