using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Loading;

namespace StreamCore.Host.Composition;

/// <summary>
/// A model that requests can be made to: its name, its texts' way to tokens, and what it can take. All of that is always there;
/// what runs its generations (<see cref="Resident"/>) may come and go.
/// </summary>
public sealed class ServedModel : IDisposable
{
    private readonly BatchEngineLimits _limits;
    private ModelGrammars? _grammars;

    internal ServedModel(BatchEngineLimits limits, ResidentModel resident)
    {
        _limits = limits;
        Resident = resident;
    }

    public required string Name { get; init; }

    /// <summary>When the model's files were made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Changes when the same request may give another answer: other weights or another format.</summary>
    public required string Fingerprint { get; init; }

    public required ITokenizer Tokenizer { get; init; }

    /// <summary>Token ids are below it.</summary>
    public int VocabularySize => _limits.VocabularySize;

    /// <summary>Its chat template and what goes with it. Null when the model has none; it then serves plain completions only.</summary>
    public required PromptModel? Prompts { get; init; }

    /// <summary>The token that begins every text, for models trained so.</summary>
    public required int? BeginToken { get; init; }

    public required IReadOnlyList<int> EndTokens { get; init; }

    /// <summary>Most tokens of an answer whose request names no limit; 0: as many as the context holds.</summary>
    public int DefaultMaxTokens { get; init; }

    /// <summary>Most tokens of any answer; 0: as many as the context holds.</summary>
    public int MaxTokensCeiling { get; init; }

    /// <summary>Its engine and scheduler, loaded or not.</summary>
    public ResidentModel Resident { get; }

    /// <summary>Whether it is loaded before the server listens.</summary>
    internal bool LoadsAtStart { get; init; }

    /// <summary>Whether it may be unloaded while the server runs, or is not loaded yet.</summary>
    internal bool ComesAndGoes { get; init; }

    /// <summary>What its answers can be kept to.</summary>
    internal ModelGrammars Grammars => LazyInitializer.EnsureInitialized(ref _grammars, () => new ModelGrammars(Tokenizer));

    /// <summary>Most tokens of prompt and answer together.</summary>
    public int MaxContextTokens => _limits.MaxSequenceTokens;

    public void Dispose() => _grammars?.Dispose();
}
