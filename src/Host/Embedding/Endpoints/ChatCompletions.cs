using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary><c>POST /chat/completions</c>. Everything that can be refused is refused before the first byte of the answer.</summary>
internal sealed class ChatCompletions(ModelCatalog catalog, AnswerRunner runner, TimeProvider time)
{
    public async ValueTask HandleAsync(HttpExchange exchange)
    {
        if (await Answers.ReadJsonAsync(exchange) is not { } body) return;
        if (!TryPrepare(body, out var request, out var model, out var plan, out var error))
        {
            await Answers.ErrorAsync(exchange, error);
            return;
        }

        var stamp = new ResponseStamp(ResponseIds.Next("chatcmpl-"), time.GetUtcNow().ToUnixTimeSeconds(), model.Name, model.Fingerprint);
        await runner.RunAsync(exchange, model, new AnswerPlan([plan], request.N, request.N),
            new ChatFormat(stamp, request.IncludeUsage, new WireLogprobs(model.Tokenizer)), request.Stream,
            () => GenerationPlans.TooLong(model, "messages", plan.PromptTokens.Length, request.MaxTokens));
    }

    private bool TryPrepare(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out ChatRequest? request, [NotNullWhen(true)] out ServedModel? model,
        [NotNullWhen(true)] out GenerationRequest? plan, [NotNullWhen(false)] out ApiError? error)
    {
        model = null;
        plan = null;
        if (!ChatApi.TryParse(new ReadOnlySequence<byte>(body), ProtocolLimits.Default, out request, out error)) return false;
        if (!catalog.TryFind(request.Model, out model))
        {
            error = ApiError.ModelNotFound(request.Model);
            return false;
        }

        if (!ChatPrompts.TryRender(model, request, time.GetUtcNow(), out var text, out error)) return false;
        var prompt = model.Tokenizer.Encode(text, special: true);
        if (!GenerationPlans.TryPlan(model, "messages", prompt, request.MaxTokens, request.Sampling, request.Stop, out plan, out error)) return false;
        plan = plan with { TopLogprobs = request.TopLogprobs };
        return true;
    }
}
