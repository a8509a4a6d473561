using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.Host.Composition;

/// <summary>A model that is loaded and ready: its name, its texts' way to tokens, and the scheduler that runs its generations.</summary>
public sealed class ServedModel : IAsyncDisposable
{
    private readonly IBatchEngine _engine;
    private ModelGrammars? _grammars;

    internal ServedModel(IBatchEngine engine, GenerationScheduler scheduler)
    {
        _engine = engine;
        Scheduler = scheduler;
    }

    public required string Name { get; init; }

    /// <summary>When the model's files were made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Changes when the same request may give another answer: other weights or another format.</summary>
    public required string Fingerprint { get; init; }

    public required ITokenizer Tokenizer { get; init; }

    /// <summary>Token ids are below it.</summary>
    public int VocabularySize => _engine.Limits.VocabularySize;

    /// <summary>Its chat template and what goes with it. Null when the model has none; it then serves plain completions only.</summary>
    public required PromptModel? Prompts { get; init; }

    /// <summary>The token that begins every text, for models trained so.</summary>
    public required int? BeginToken { get; init; }

    public required IReadOnlyList<int> EndTokens { get; init; }

    /// <summary>Most tokens of an answer whose request names no limit; 0: as many as the context holds.</summary>
    public int DefaultMaxTokens { get; init; }

    /// <summary>Most tokens of any answer; 0: as many as the context holds.</summary>
    public int MaxTokensCeiling { get; init; }

    public GenerationScheduler Scheduler { get; }

    /// <summary>What its answers can be kept to.</summary>
    internal ModelGrammars Grammars => LazyInitializer.EnsureInitialized(ref _grammars, () => new ModelGrammars(Tokenizer));

    /// <summary>Most tokens of prompt and answer together.</summary>
    public int MaxContextTokens => Scheduler.MaxSequenceTokens;

    /// <summary>Lets running generations end until <paramref name="abort"/>, then ends them.</summary>
    public Task StopAsync(CancellationToken abort) => Scheduler.StopAsync(abort);

    public async ValueTask DisposeAsync()
    {
        await Scheduler.DisposeAsync();
        _engine.Dispose();
        _grammars?.Dispose();
    }
}
