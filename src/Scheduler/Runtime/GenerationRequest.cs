using StreamCore.Protocol;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Scheduler;

/// <summary>All the scheduler needs to know of a request. Validated by whoever made it.</summary>
public sealed record GenerationRequest
{
    /// <summary>At least one token for an engine that takes tokens. Not copied and not changed.</summary>
    public required int[] PromptTokens { get; init; }

    /// <summary>The prompt for engines that take text; null where the model has none. A pool of such engines alone needs no <see cref="PromptTokens"/>.</summary>
    public SessionPrompt? Session { get; init; }

    public required SamplingSettings Sampling { get; init; }

    /// <summary>Most tokens of the answer; 0 only computes the prompt. The end of the context comes first where it is nearer.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Texts that end the answer and are not part of it.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Tokens that end the answer and add no text: the model's end-of-sequence tokens.</summary>
    public IReadOnlyList<int> StopTokenIds { get; init; } = [];

    /// <summary>Change the logits before each draw, in this order. Each is this generation's alone.</summary>
    public IReadOnlyList<ILogitsRule> LogitsRules { get; init; } = [];

    /// <summary>Goes on past <see cref="StopTokenIds"/>; for measurements.</summary>
    public bool IgnoreEos { get; init; }

    /// <summary>The logprobs of the answer's tokens are kept, each with so many of the most probable at its place; null keeps none.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>The logprobs of the prompt's tokens are kept too. Its cache is then computed and not taken over.</summary>
    public bool ScoresPrompt { get; init; }

    /// <summary>An earlier generation of the same scheduler with the same prompt: this one waits until that one's prompt is computed,
    /// and takes over its cache.</summary>
    public Generation? Follows { get; init; }

    /// <summary>Which of the choices of one request this is. Part of the random stream's key.</summary>
    public int Choice { get; init; }

    /// <summary>The answer goes on where the prompt's text breaks off (plain completions). Otherwise it is a text of its own,
    /// and loses the space that <see cref="ITokenizer.StripsLeadingSpace"/> speaks of.</summary>
    public bool ContinuesText { get; init; }

    /// <summary>Only generations of the same scope take over each other's cache; null is a scope that all without one share.</summary>
    public string? CacheScope { get; init; }

    /// <summary>Generations that wait take turns by this key, each key's own in the order in which they came: one client's many do not keep
    /// another's few waiting. All without one share a key.</summary>
    public string? FairnessKey { get; init; }

    /// <summary>Time from submission to the end; what is not over then is cancelled. None when null.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Time from submission to the first step, or to a place in a pool; what still waits then is cancelled. None when null.</summary>
    public TimeSpan? QueueTimeout { get; init; }

    internal int PromptTokenCount => PromptTokens.Length > 0 ? PromptTokens.Length : Session?.Tokens ?? 0;
}
