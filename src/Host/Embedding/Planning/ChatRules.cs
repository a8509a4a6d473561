using System.Diagnostics.CodeAnalysis;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Protocol.Grammar;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Grammar;

namespace StreamCore.Host.Planning;

/// <summary>What a chat's answers are kept to and counted by, token by token.</summary>
internal static class ChatRules
{
    /// <summary>What the answer must be, for the model's tokens; or why that cannot be had.</summary>
    public static async ValueTask<(TokenGrammar? Grammar, ApiError? Error)> CompileAsync(
        TokenModel model, ChatRequest request, GrammarSpec spec, CancellationToken leaving)
    {
        var param = request.Format is not null ? "response_format" : request.ToolUse.Param;
        if (model.EndTokens.Count == 0)
            return (null, ApiError.InvalidRequest(param,
                $"The model '{model.Name}' has no token that ends an answer, so its answers cannot be kept to what '{param}' asks for.", "unsupported_value"));
        return await model.Grammars.GetAsync(spec, param, leaving);
    }

    /// <summary>One for each choice, since they count apart; none where there is no reasoning.</summary>
    public static ReasoningCounter[] Counters(TokenModel model, ChatRequest request, AnswerSyntax answer) => answer.HasReasoning
        ? [.. Enumerable.Range(0, request.N).Select(_ => new ReasoningCounter(model.Tokenizer, answer, request.Sampling.ShowsSpecialTokens))]
        : [];

    /// <summary>What each choice has for itself: a count of its reasoning and an end to it, and where it stands in the grammar.</summary>
    /// <param name="ending">The tokens that end reasoning; null where it has no budget.</param>
    public static ILogitsRule[][] ForChoices(
        TokenModel model, ChatRequest request, TokenGrammar? grammar, ReasoningCounter[] counters, int[]? ending)
    {
        if (grammar is null && counters.Length == 0) return [];
        var rules = new ILogitsRule[request.N][];
        for (var i = 0; i < rules.Length; i++)
        {
            var own = new List<ILogitsRule>();
            if (counters.Length > 0) own.Add(counters[i]);
            if (ending is not null) own.Add(new ReasoningLimit(counters[i], request.Prompt.ReasoningBudget!.MaxTokens, ending));
            if (grammar is not null) own.Add(new GrammarRule(grammar, model.EndTokens, model.Tokenizer.StripsLeadingSpace));
            rules[i] = [.. own];
        }

        return rules;
    }

    /// <summary>False when reasoning has a budget, and the model's tokens cannot end it.</summary>
    /// <param name="ending">The tokens that end it; null where it has no budget.</param>
    public static bool TryEnding(TokenModel model, ChatRequest request, out int[]? ending, [NotNullWhen(false)] out ApiError? error)
    {
        (ending, error) = (null, null);
        if (request.Prompt.ReasoningBudget is not { } budget) return true;
        ending = ReasoningLimit.Ending(model.Tokenizer);
        if (ending is null)
            error = ApiError.InvalidRequest(budget.Param,
                $"'{budget.Param}' is not supported by the model '{model.Name}': it has no tokens to end its reasoning with.", "unsupported_parameter");
        return error is null;
    }
}
