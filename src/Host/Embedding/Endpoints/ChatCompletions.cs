using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary><c>POST /chat/completions</c>. Everything that can be refused is refused before the first byte of the answer.</summary>
internal sealed class ChatCompletions(
    StreamCoreOptions options, ModelCatalog catalog, GenerationPlans plans, AnswerRunner runner, TimeProvider time)
{
    private readonly string _reasoningField = options.Generation.ReasoningField;

    public async ValueTask HandleAsync(HttpExchange exchange)
    {
        if (await Answers.ReadJsonAsync(exchange) is not { } body) return;
        if (!TryPrepare(body, out var request, out var model, out var plan, out var answer, out var error))
        {
            await Answers.ErrorAsync(exchange, error);
            return;
        }

        var stamp = new ResponseStamp(ResponseIds.Next("chatcmpl-"), time.GetUtcNow().ToUnixTimeSeconds(), model.Name, model.Fingerprint);
        var shape = new ChatShape(_reasoningField, request.ToolUse.AsFunctions);
        var counters = new List<ReasoningCounter>();
        if (ReasoningCounter.For(model.Tokenizer, answer) is { } counter)
        {
            counters.Add(counter);
            plan = plan with { LogitsRules = [.. plan.LogitsRules, counter] };
        }

        await runner.RunAsync(exchange, model, [plan], new ChatFormat(stamp, request.IncludeUsage, shape, answer, counters), request.Stream,
            () => GenerationPlans.TooLong(model, "messages", plan.PromptTokens.Length, request.MaxTokens));
    }

    private bool TryPrepare(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out ChatRequest? request, [NotNullWhen(true)] out ServedModel? model,
        [NotNullWhen(true)] out GenerationRequest? plan, [NotNullWhen(true)] out AnswerSyntax? answer, [NotNullWhen(false)] out ApiError? error)
    {
        model = null;
        plan = null;
        answer = null;
        if (!ChatApi.TryParse(new ReadOnlySequence<byte>(body), ProtocolLimits.Default, out request, out error)) return false;
        if (!catalog.TryFind(request.Model, out model))
        {
            error = ApiError.ModelNotFound(request.Model);
            return false;
        }

        if (!ChatPrompts.TryRender(model, request, time.GetUtcNow(), out var prompt, out error)) return false;
        answer = prompt.Answer;
        var tokens = model.Tokenizer.Encode(prompt.Text, special: true);
        if (plans.TryPlan(model, tokens, request.MaxTokens, request.Sampling, request.Stop, out plan))
            plan = plan with { ContinuesText = answer.ContinuesText };
        else
            error = GenerationPlans.TooLong(model, "messages", tokens.Length, request.MaxTokens);
        return plan is not null;
    }
}
