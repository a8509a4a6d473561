using System.Diagnostics.CodeAnalysis;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.Host.Endpoints;

/// <summary>From a prompt's tokens and a request's limits to what the scheduler takes: the context length is checked here.</summary>
internal sealed class GenerationPlans(StreamCoreOptions options)
{
    private readonly GenerationOptions _limits = options.Generation;

    /// <summary>False when the prompt leaves no room for the answer that was asked for; <see cref="TooLong"/> says so.</summary>
    public bool TryPlan(
        ServedModel model, int[] prompt, int? maxTokens, SamplingSettings sampling, string[] stop, [NotNullWhen(true)] out GenerationRequest? plan)
    {
        plan = null;
        var room = model.MaxContextTokens - prompt.Length;
        if (room < 1 || maxTokens > room) return false;

        var wanted = maxTokens ?? (_limits.DefaultMaxTokens > 0 ? _limits.DefaultMaxTokens : room);
        var ceiling = _limits.MaxTokensCeiling > 0 ? _limits.MaxTokensCeiling : room;
        plan = new GenerationRequest
        {
            PromptTokens = prompt,
            Sampling = sampling,
            MaxTokens = Math.Min(Math.Min(wanted, ceiling), room),
            StopStrings = stop,
            StopTokenIds = model.EndTokens,
        };
        return true;
    }

    public static ApiError TooLong(ServedModel model, string param, int promptTokens, int? maxTokens) =>
        ApiError.ContextLengthExceeded(param, model.MaxContextTokens, promptTokens, maxTokens);
}
