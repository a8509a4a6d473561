using StreamCore.Scheduler;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Engines.StackFlow.Models;

/// <summary>What a model on devices takes: its limits, how its prompts are counted, and what it cannot do. Immutable.</summary>
public sealed class SessionModel
{
    internal SessionModel(string name) => Name = name;

    /// <summary>The name clients ask for.</summary>
    public string Name { get; }

    /// <summary>Most tokens of a prompt as <see cref="CountPrompt"/> counts them.</summary>
    public int MaxPromptTokens { get; init; } = 128;

    /// <summary>Most tokens of prompt and answer together.</summary>
    public int MaxContextTokens { get; init; } = 1023;

    /// <summary>Images that one prompt may have; 0 for a model that takes none.</summary>
    public int MaxImageCount { get; init; }

    /// <summary>Whether counts of tokens are estimates, because no tokenizer is configured.</summary>
    public bool IsEstimated { get; init; } = true;

    /// <summary>Tokens of the prompt, with its template and images.</summary>
    public int CountPrompt(IReadOnlyList<SessionMessage> messages) => Math.Min(messages.Count, MaxPromptTokens);

    /// <summary>
    /// The request's parameter that the model's devices cannot honour, by its name on the wire (<c>logprobs</c>, <c>seed</c>); null when they can
    /// do all of it. Length is not looked at.
    /// </summary>
    public string? Unsupported(GenerationRequest request) => request.TopLogprobs is null && Name.Length > 0 ? null : "logprobs";
}
