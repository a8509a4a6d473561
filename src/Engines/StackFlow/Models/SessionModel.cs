using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Engines.StackFlow.Models;

/// <summary>What a model on devices takes: its limits, how its prompts are counted, and what it cannot do. Immutable.</summary>
public sealed class SessionModel
{
    private readonly PromptFamily _family;
    private readonly TokenCounter _counter;
    private readonly DeviceModelOptions _options;
    private readonly int _imageTokens;

    internal SessionModel(string name, PromptFamily family, TokenCounter counter, ModelLimits limits, DeviceModelOptions options)
    {
        Name = name;
        _family = family;
        _counter = counter;
        _options = options;
        _imageTokens = limits.ImageTokens;
        MaxPromptTokens = limits.PromptTokens;
        MaxContextTokens = limits.ContextTokens;
        MaxImageCount = limits.ImageCount;
        IsContextModel = limits.IsContextModel;
    }

    /// <summary>The name clients ask for.</summary>
    public string Name { get; }

    /// <summary>Most tokens of a prompt as <see cref="CountPrompt"/> counts them.</summary>
    public int MaxPromptTokens { get; }

    /// <summary>Most tokens of prompt and answer together.</summary>
    public int MaxContextTokens { get; }

    /// <summary>Images that one prompt may have; 0 for a model that takes none.</summary>
    public int MaxImageCount { get; }

    /// <summary>Whether counts of tokens are estimates, because no tokenizer is configured.</summary>
    public bool IsEstimated => _counter.IsEstimated;

    /// <summary>Whether a task keeps the conversation, and must be reset before another.</summary>
    internal bool IsContextModel { get; }

    internal IReadOnlyList<string> EndMarkers => _family.EndMarkers;

    /// <summary>Tokens of the prompt, with its template and images.</summary>
    public int CountPrompt(IReadOnlyList<SessionMessage> messages) =>
        _counter.Count(_family.Render(Compose(messages))) + _imageTokens * messages.Sum(message => message.Images.Count);

    /// <summary>
    /// The request's parameter that the model's devices cannot honour, by its name on the wire (<c>logprobs</c>, <c>seed</c>); null when they can
    /// do all of it. Lengths and images are not looked at.
    /// </summary>
    public string? Unsupported(GenerationRequest request) => DeviceSettings.Unsupported(request, _options);

    /// <summary>Whether its lengths and images are within the limits.</summary>
    internal bool Takes(SessionPrompt prompt) =>
        prompt.Tokens <= MaxPromptTokens && prompt.Messages.Sum(message => message.Images.Count) <= MaxImageCount;

    internal DevicePrompt Compose(IReadOnlyList<SessionMessage> messages) => _family.Compose(messages, _options.SystemPrompt, _options.Prompt);

    internal int CountDelta(ReadOnlySpan<byte> text) => _counter.CountDelta(text);
}
