using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary><c>POST /chat/completions</c>. Everything that can be refused is refused before the first byte of the answer.</summary>
internal sealed class ChatCompletions(StreamCoreOptions options, ModelCatalog catalog, AnswerRunner runner, TimeProvider time)
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
        var counters = Counters(model, answer, request.N);
        await runner.RunAsync(exchange, model, new AnswerPlan([plan], request.N, request.N) { OwnRules = counters },
            new ChatFormat(stamp, request.IncludeUsage, shape, answer, counters, new WireLogprobs(model.Tokenizer)), request.Stream,
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
        if (!GenerationPlans.TryPlan(model, "messages", tokens, request.MaxTokens, request.Sampling, request.Stop, out plan, out error)) return false;
        plan = plan with { ContinuesText = answer.ContinuesText, TopLogprobs = request.TopLogprobs };
        return true;
    }

    /// <summary>One for each choice, since they count apart; none where nothing can be counted.</summary>
    private static List<ReasoningCounter> Counters(ServedModel model, AnswerSyntax answer, int choices)
    {
        var counters = new List<ReasoningCounter>();
        while (counters.Count < choices && ReasoningCounter.For(model.Tokenizer, answer) is { } counter) counters.Add(counter);
        return counters;
    }
}
