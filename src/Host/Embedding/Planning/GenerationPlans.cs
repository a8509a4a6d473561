using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.Host.Planning;

/// <summary>From a prompt's tokens and a request's settings to what the scheduler takes: what only the model knows is checked here.</summary>
internal static class GenerationPlans
{
    /// <summary>False when the prompt leaves no room for the answer that was asked for, or a setting names a token the model has not.</summary>
    /// <param name="param">What holds the prompt: <c>messages</c> or <c>prompt</c>.</param>
    public static bool TryPlan(
        TokenModel model, string param, int[] prompt, int? maxTokens, SamplingSettings sampling, string[] stop,
        [NotNullWhen(true)] out GenerationRequest? plan, [NotNullWhen(false)] out ApiError? error)
    {
        plan = null;
        var room = model.MaxContextTokens - prompt.Length;
        error = room < Math.Min(maxTokens ?? 1, 1) || maxTokens > room
            ? TooLong(model, param, prompt.Length, maxTokens)
            : SettingsError(model, sampling, maxTokens);
        if (error is not null) return false;

        var wanted = maxTokens ?? (model.DefaultMaxTokens > 0 ? model.DefaultMaxTokens : room);
        var ceiling = model.MaxTokensCeiling > 0 ? model.MaxTokensCeiling : room;
        plan = new GenerationRequest
        {
            PromptTokens = prompt,
            Sampling = sampling,
            MaxTokens = Math.Min(Math.Min(wanted, ceiling), room),
            StopStrings = stop,
            StopTokenIds = sampling.Ends.IgnoreEos ? sampling.Ends.StopTokens : [.. model.EndTokens, .. sampling.Ends.StopTokens],
        };
        return true;
    }

    public static ApiError TooLong(ServedModel model, string param, int promptTokens, int? maxTokens) =>
        ApiError.ContextLengthExceeded(param, model.MaxContextTokens, promptTokens, maxTokens);

    /// <summary>What to say of a token that the model has not.</summary>
    public static ApiError UnknownToken(TokenModel model, string param, int token) =>
        ApiError.InvalidRequest(param, string.Create(CultureInfo.InvariantCulture,
            $"Invalid '{param}': token {token} is not in the model's vocabulary of {model.VocabularySize} tokens."), "invalid_token");

    private static ApiError? SettingsError(TokenModel model, SamplingSettings sampling, int? maxTokens)
    {
        foreach (var bias in sampling.Bias)
        {
            if (bias.Token >= model.VocabularySize) return UnknownToken(model, "logit_bias", bias.Token);
        }

        foreach (var token in sampling.Ends.StopTokens)
        {
            if (token >= model.VocabularySize) return UnknownToken(model, "stop_token_ids", token);
        }

        return sampling.Ends.MinTokens <= (maxTokens ?? int.MaxValue)
            ? null
            : ApiError.InvalidRequest("min_tokens", "Invalid 'min_tokens': it must not be more than the most tokens of the answer.", "invalid_value");
    }
}
