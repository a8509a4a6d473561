using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Protocol.Grammar;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Grammar;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary><c>POST /chat/completions</c>. Everything that can be refused is refused before the first byte of the answer.</summary>
internal sealed class ChatCompletions(StreamCoreOptions options, ModelCatalog catalog, AnswerRunner runner, TimeProvider time)
{
    private readonly string _reasoningField = options.Generation.ReasoningField;

    public async ValueTask HandleAsync(HttpExchange exchange)
    {
        if (await Answers.ReadJsonAsync(exchange) is not { } body) return;
        if (!TryPrepare(body, out var request, out var model, out var plan, out var answer, out var grammar, out var error))
        {
            await Answers.ErrorAsync(exchange, error);
            return;
        }

        var stamp = new ResponseStamp(ResponseIds.Next("chatcmpl-"), time.GetUtcNow().ToUnixTimeSeconds(), model.Name, model.Fingerprint);
        var shape = new ChatShape(_reasoningField, request.ToolUse.AsFunctions);
        var counters = Counters(model, answer, request.N);
        await runner.RunAsync(exchange, model, new AnswerPlan([plan], request.N, request.N) { OwnRules = OwnRules(model, grammar, counters, request.N) },
            new ChatFormat(stamp, request.IncludeUsage, shape, answer, counters, new WireLogprobs(model.Tokenizer)), request.Stream,
            () => GenerationPlans.TooLong(model, "messages", plan.PromptTokens.Length, request.MaxTokens));
    }

    private bool TryPrepare(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out ChatRequest? request, [NotNullWhen(true)] out ServedModel? model,
        [NotNullWhen(true)] out GenerationRequest? plan, [NotNullWhen(true)] out AnswerSyntax? answer, out TokenGrammar? grammar,
        [NotNullWhen(false)] out ApiError? error)
    {
        model = null;
        plan = null;
        answer = null;
        grammar = null;
        if (!ChatApi.TryParse(new ReadOnlySequence<byte>(body), ProtocolLimits.Default, out request, out error)) return false;
        if (!catalog.TryFind(request.Model, out model))
        {
            error = ApiError.ModelNotFound(request.Model);
            return false;
        }

        if (!ChatPrompts.TryRender(model, request, time.GetUtcNow(), out var prompt, out error)) return false;
        answer = prompt.Answer;
        var tokens = model.Tokenizer.Encode(prompt.Text, special: true);
        if (!GenerationPlans.TryPlan(model, "messages", tokens, request.MaxTokens, request.Sampling, request.Stop, out plan, out error)) return false;
        plan = plan with { ContinuesText = answer.ContinuesText, TopLogprobs = request.TopLogprobs };
        return prompt.Grammar is not { } spec || TryConstrain(model, request, spec, out grammar, out error);
    }

    /// <summary>Compiled last: nothing else is refused after it.</summary>
    private static bool TryConstrain(
        ServedModel model, ChatRequest request, GrammarSpec spec, [NotNullWhen(true)] out TokenGrammar? grammar, [NotNullWhen(false)] out ApiError? error)
    {
        grammar = null;
        var param = request.Format is null ? request.ToolUse.AsFunctions ? "functions" : "tools" : "response_format";
        if (request.Sampling.Ends.MinTokens > 0)
            error = ApiError.InvalidRequest("min_tokens", $"'min_tokens' cannot be used together with what '{param}' asks for: the answer ends where it is whole.", "invalid_parameter_combination");
        else if (model.EndTokens.Count == 0)
            error = ApiError.InvalidRequest(param, $"The model '{model.Name}' has no token that ends an answer, so its answers cannot be kept to what '{param}' asks for.", "unsupported_value");
        else return model.Grammars.TryGet(spec, param, out grammar, out error);
        return false;
    }

    /// <summary>What each choice has for itself: a count of its reasoning, and where it stands in the grammar.</summary>
    private static ILogitsRule[][] OwnRules(ServedModel model, TokenGrammar? grammar, List<ReasoningCounter> counters, int choices)
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

    /// <summary>One for each choice, since they count apart; none where nothing can be counted.</summary>
    private static List<ReasoningCounter> Counters(ServedModel model, AnswerSyntax answer, int choices)
    {
        var counters = new List<ReasoningCounter>();
        while (counters.Count < choices && ReasoningCounter.For(model.Tokenizer, answer) is { } counter) counters.Add(counter);
        return counters;
    }
}
