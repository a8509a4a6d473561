using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Host.Planning;

/// <summary>From a text completion's prompts to what a model of tokens makes of them.</summary>
internal static class CompletionPlans
{
    public static bool TryPlan(
        TokenModel model, CompletionRequest request, [NotNullWhen(true)] out CompletionPlan? plan, [NotNullWhen(false)] out ApiError? error)
    {
        plan = null;
        error = null;
        if (model.OnDevices is not null && (request.TopLogprobs is not null || request.BestOf > request.N))
        {
            error = SessionPlans.Unsupported(model.Name, request.TopLogprobs is not null ? "logprobs" : "best_of");
            return false;
        }

        var prompts = new List<GenerationRequest>(request.Prompts.Length);
        for (var i = 0; i < request.Prompts.Length; i++)
        {
            var param = request.Prompts.Length == 1 ? "prompt" : string.Create(CultureInfo.InvariantCulture, $"prompt[{i}]");
            if (!TryTokens(model, request.Prompts[i], request.Suffix, param, out var tokens, out error)
                || !GenerationPlans.TryPlan(model, "prompt", tokens, request.MaxTokens, request.Sampling, request.Stop, out var one, out error))
                return false;
            prompts.Add(Scored(one, request) with { Session = ForDevices(model, request, request.Prompts[i]) });
        }

        plan = new CompletionPlan(new AnswerPlan(prompts, request.BestOf, request.N)) { Tokenizer = model.Tokenizer };
        return true;
    }

    /// <summary>The prompt for devices that run the same model; null where they cannot be given it.</summary>
    private static SessionPrompt? ForDevices(TokenModel model, CompletionRequest request, CompletionPrompt prompt)
    {
        if (prompt.Text is null || request.Echo || request.Suffix is not null || model.OnDevices?.Invoke() is not { } facts) return null;
        var session = SessionPrompts.Of(facts, prompt.Text);
        return session.Tokens <= facts.MaxPromptTokens ? session : null;
    }

    /// <summary>To choose among answers their logprobs are needed, asked for or not.</summary>
    private static GenerationRequest Scored(GenerationRequest plan, CompletionRequest request) => plan with
    {
        ContinuesText = true,
        CacheScope = request.CacheSalt,
        TopLogprobs = request.TopLogprobs ?? (request.BestOf > request.N ? 0 : null),
        ScoresPrompt = request.Echo && request.TopLogprobs is not null,
    };

    private static bool TryTokens(
        TokenModel model, CompletionPrompt prompt, string? suffix, string param, [NotNullWhen(true)] out int[]? tokens,
        [NotNullWhen(false)] out ApiError? error)
    {
        error = null;
        tokens = prompt.Tokens ?? model.Tokenizer.Encode(prompt.Text!, special: false);
        if (suffix is not null && !FillInTheMiddle.TryArrange(model.Tokenizer, tokens, suffix, out tokens))
        {
            error = ApiError.InvalidRequest("suffix", $"Invalid 'suffix': the model '{model.Name}' was not made to fill a gap.", "unsupported_parameter");
            return false;
        }

        if (prompt.Tokens is null && model.BeginToken is { } begin) tokens = [begin, .. tokens];
        var unknown = Array.FindIndex(tokens, token => (uint)token >= (uint)model.VocabularySize);
        if (unknown >= 0) error = GenerationPlans.UnknownToken(model, param, tokens[unknown]);
        else if (tokens.Length == 0)
            error = ApiError.InvalidRequest(param, $"Invalid '{param}': the prompt has no tokens, and this model needs one to begin with.", "empty_prompt");
        return error is null;
    }
}
