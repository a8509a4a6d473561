using System.Diagnostics.CodeAnalysis;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Grammar;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Host.Planning;

/// <summary>From a chat request to what a model of tokens makes of it.</summary>
internal static class ChatPlans
{
    public static async ValueTask<(ChatPlan? Plan, ApiError? Error)> PlanAsync(
        TokenModel model, ChatRequest request, DateTimeOffset now, CancellationToken leaving)
    {
        if (!TryPrepare(model, request, now, out var prompt, out var generation, out var ending, out var error)) return (null, error);

        // Compiled last: nothing else is refused after it.
        TokenGrammar? grammar = null;
        if (prompt.Grammar is { } spec)
        {
            (grammar, error) = await ChatRules.CompileAsync(model, request, spec, leaving);
            if (error is not null) return (null, error);
        }

        // Devices show no tokens to count.
        var counters = generation.Session is null ? ChatRules.Counters(model, request, prompt.Answer) : [];
        var answers = new AnswerPlan([generation], request.N, request.N) { OwnRules = ChatRules.ForChoices(model, request, grammar, counters, ending) };
        return (new ChatPlan(answers, prompt.Answer) { Counters = counters, Tokenizer = model.Tokenizer }, null);
    }

    /// <summary>Every check but that of the grammar.</summary>
    private static bool TryPrepare(
        TokenModel model, ChatRequest request, DateTimeOffset now, [NotNullWhen(true)] out ChatPrompt? prompt,
        [NotNullWhen(true)] out GenerationRequest? generation, out int[]? ending, [NotNullWhen(false)] out ApiError? error)
    {
        (generation, ending) = (null, null);
        if (!ChatPrompts.TryRender(model, request, now, out prompt, out error)) return false;
        if (model.OnDevices is not null && request.TopLogprobs is not null)
        {
            error = SessionPlans.Unsupported(model.Name, "logprobs");
            return false;
        }

        var tokens = model.Tokenizer.Encode(prompt.Text, special: true);
        if (!GenerationPlans.TryPlan(model, "messages", tokens, request.MaxTokens, request.Sampling, request.Stop, out generation, out error)) return false;
        if (!ChatRules.TryEnding(model, request, out ending, out error)) return false;
        generation = generation with
        {
            ContinuesText = prompt.Answer.ContinuesText,
            TopLogprobs = request.TopLogprobs,
            CacheScope = request.CacheSalt,
            Session = ForDevices(model, request),
        };
        return true;
    }

    /// <summary>The conversation for devices that run the same model; null where they cannot be told all of it, or take no such long one.</summary>
    private static SessionPrompt? ForDevices(TokenModel model, ChatRequest request) =>
        model.OnDevices?.Invoke() is { } facts && SessionPlans.OfTemplate(request) is null
        && SessionPrompts.TryMake(facts, request.Messages, out var prompt, out _) && prompt.Tokens <= facts.MaxPromptTokens
            ? prompt
            : null;
}
