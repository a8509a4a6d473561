using System.Diagnostics.CodeAnalysis;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Host.Planning;

/// <summary>From requests to what a model on devices makes of them. What devices cannot honour is refused by name.</summary>
internal static class SessionPlans
{
    /// <summary>Any of these models may think first, between the markers; those that do not begin without them.</summary>
    private static readonly AnswerSyntax Answer = new(ToolSyntax.None, [], isSingleCall: false, hasReasoning: true, startsInReasoning: false, continuesText: false);

    public static bool TryPlan(
        PoolModel model, ChatRequest request, [NotNullWhen(true)] out ChatPlan? plan, [NotNullWhen(false)] out ApiError? error)
    {
        plan = null;
        if (OfTemplate(request) is { } param)
        {
            error = Unsupported(model.Name, param);
            return false;
        }

        var facts = model.Facts;
        if (!SessionPrompts.TryMake(facts, request.Messages, out var prompt, out error)) return false;
        if (!TryGeneration(model, facts, "messages", prompt, request.MaxTokens, request.Sampling, request.Stop, out var generation, out error)) return false;
        plan = new ChatPlan(new AnswerPlan([generation], request.N, request.N), Answer);
        return true;
    }

    public static bool TryPlan(
        PoolModel model, CompletionRequest request, [NotNullWhen(true)] out CompletionPlan? plan, [NotNullWhen(false)] out ApiError? error)
    {
        plan = null;
        error = OfTokens(request) is { } param ? Unsupported(model.Name, param) : null;
        var facts = model.Facts;
        var prompts = new List<GenerationRequest>(request.Prompts.Length);
        foreach (var text in request.Prompts)
        {
            if (error is null && text.Text is null)
                error = ApiError.InvalidRequest("prompt",
                    $"Invalid 'prompt': the model '{model.Name}' makes tokens of its texts by itself, and takes no tokens. Send a string.", "unsupported_value");
            if (error is not null
                || !TryGeneration(model, facts, "prompt", SessionPrompts.Of(facts, text.Text!), request.MaxTokens, request.Sampling, request.Stop, out var one, out error))
                return false;
            prompts.Add(one);
        }

        plan = new CompletionPlan(new AnswerPlan(prompts, request.N, request.N));
        error = null!;
        return true;
    }

    /// <summary>What to say of a parameter that a model on devices cannot honour.</summary>
    public static ApiError Unsupported(string model, string param) => ApiError.InvalidRequest(param,
        $"Unsupported parameter: '{param}' is not supported as given with the model '{model}', since the devices it runs on cannot honour it. " +
        "Leave it out, or ask another model.", "unsupported_parameter");

    /// <summary>The first parameter that asks something of a chat template or of tokens; null where there is none.</summary>
    public static string? OfTemplate(ChatRequest request) => request switch
    {
        { ToolUse.Tools.Length: > 0 } => request.ToolUse.Param,
        { Format: not null } => "response_format",
        { TopLogprobs: not null } => "logprobs",
        { Prompt.TemplateArguments: not null } => "chat_template_kwargs",
        { Prompt.ContinuesFinalMessage: true } => "continue_final_message",
        { Prompt.AddsGenerationPrompt: false } => "add_generation_prompt",
        { Prompt.ReasoningEffort: not null } => "reasoning_effort",
        { Prompt.ReasoningBudget: { } budget } => budget.Param,
        _ => null,
    };

    private static string? OfTokens(CompletionRequest request) => request switch
    {
        { Echo: true } => "echo",
        { Suffix: not null } => "suffix",
        { TopLogprobs: not null } => "logprobs",
        _ when request.BestOf > request.N => "best_of",
        _ => null,
    };

    private static bool TryGeneration(
        PoolModel model, SessionModel facts, string param, SessionPrompt prompt, int? maxTokens, SamplingSettings sampling, string[] stop,
        [NotNullWhen(true)] out GenerationRequest? generation, [NotNullWhen(false)] out ApiError? error)
    {
        generation = null;
        var room = facts.MaxContextTokens - prompt.Tokens;
        if (prompt.Tokens > facts.MaxPromptTokens || room < 1)
        {
            error = ApiError.ContextLengthExceeded(param, Math.Min(facts.MaxPromptTokens, facts.MaxContextTokens), prompt.Tokens, null);
            return false;
        }

        // More than there is room for is no fault: where the room ends is not known to the token.
        var wanted = maxTokens ?? (model.DefaultMaxTokens > 0 ? model.DefaultMaxTokens : room);
        var ceiling = model.MaxTokensCeiling > 0 ? model.MaxTokensCeiling : room;
        var made = new GenerationRequest
        {
            PromptTokens = [],
            Session = prompt,
            Sampling = sampling,
            MaxTokens = Math.Min(Math.Min(wanted, ceiling), room),
            StopStrings = stop,
        };
        error = facts.Unsupported(made) is { } unsupported ? Unsupported(model.Name, unsupported) : null;
        if (error is not null) return false;
        generation = made;
        return true;
    }
}
