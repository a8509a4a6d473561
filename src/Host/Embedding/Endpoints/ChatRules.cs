using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Protocol.Grammar;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Grammar;

namespace StreamCore.Host.Endpoints;

/// <summary>What a chat's answers are kept to and counted by, token by token.</summary>
internal static class ChatRules
{
    /// <summary>What the answer must be, for the model's tokens; or why that cannot be had.</summary>
    public static async ValueTask<(TokenGrammar? Grammar, ApiError? Error)> CompileAsync(
        ServedModel model, ChatRequest request, GrammarSpec spec, CancellationToken leaving)
    {
        var param = request.Format is not null ? "response_format" : request.ToolUse.Param;
        if (model.EndTokens.Count == 0)
            return (null, ApiError.InvalidRequest(param,
                $"The model '{model.Name}' has no token that ends an answer, so its answers cannot be kept to what '{param}' asks for.", "unsupported_value"));
        return await model.Grammars.GetAsync(spec, param, leaving);
    }

    /// <summary>One for each choice, since they count apart; none where nothing can be counted.</summary>
    public static List<ReasoningCounter> Counters(ServedModel model, AnswerSyntax answer, int choices)
    {
        var counters = new List<ReasoningCounter>();
        while (counters.Count < choices && ReasoningCounter.For(model.Tokenizer, answer) is { } counter) counters.Add(counter);
        return counters;
    }

    /// <summary>What each choice has for itself: a count of its reasoning, and where it stands in the grammar.</summary>
    public static ILogitsRule[][] ForChoices(ServedModel model, TokenGrammar? grammar, List<ReasoningCounter> counters, int choices)
    {
        if (grammar is null && counters.Count == 0) return [];
        var rules = new ILogitsRule[choices][];
        for (var i = 0; i < choices; i++)
        {
            ILogitsRule[] counted = counters.Count > 0 ? [counters[i]] : [];
            rules[i] = grammar is null ? counted : [.. counted, new GrammarRule(grammar, model.EndTokens, model.Tokenizer.StripsLeadingSpace)];
        }

        return rules;
    }
}
