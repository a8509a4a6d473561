using StreamCore.Engines.StackFlow.Models;
using StreamCore.Host.Planning;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Loading;

namespace StreamCore.Host.Composition;

/// <summary>A model whose prompts become tokens here, and whose answers are drawn here token by token.</summary>
internal sealed class TokenModel : ServedModel
{
    private readonly BatchEngineLimits _limits;
    private ModelGrammars? _grammars;

    internal TokenModel(BatchEngineLimits limits, ResidentModel resident)
        : base(resident) => _limits = limits;

    public required ITokenizer Tokenizer { get; init; }

    /// <summary>Token ids are below it.</summary>
    public int VocabularySize => _limits.VocabularySize;

    /// <summary>Its chat template and what goes with it. Null when the model has none; it then serves plain completions only.</summary>
    public required PromptModel? Prompts { get; init; }

    /// <summary>The token that begins every text, for models trained so.</summary>
    public required int? BeginToken { get; init; }

    public required IReadOnlyList<int> EndTokens { get; init; }

    public override int MaxContextTokens => _limits.MaxSequenceTokens;

    /// <summary>What devices take that run the same model beside this process; null where none are configured, and gives null while
    /// nothing is known of theirs.</summary>
    public Func<SessionModel?>? OnDevices { get; init; }

    /// <summary>What its answers can be kept to.</summary>
    internal ModelGrammars Grammars => LazyInitializer.EnsureInitialized(ref _grammars, () => new ModelGrammars(Tokenizer));

    internal override ValueTask<(ChatPlan? Plan, ApiError? Error)> PlanAsync(ChatRequest request, DateTimeOffset now, CancellationToken leaving) =>
        ChatPlans.PlanAsync(this, request, now, leaving);

    internal override (CompletionPlan? Plan, ApiError? Error) Plan(CompletionRequest request) =>
        CompletionPlans.TryPlan(this, request, out var plan, out var error) ? (plan, null) : (null, error);

    public override void Dispose()
    {
        _grammars?.Dispose();
        base.Dispose();
    }
}
