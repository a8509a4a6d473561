using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary><c>POST /completions</c>. Everything that can be refused is refused before the first byte of the answer.</summary>
internal sealed class Completions(ModelCatalog catalog, AnswerRunner runner, TimeProvider time)
{
    public async ValueTask HandleAsync(HttpExchange exchange)
    {
        if (await Answers.ReadJsonAsync(exchange) is not { } body) return;
        if (!TryPrepare(body, out var request, out var model, out var plan, out var echoes, out var error))
        {
            await Answers.ErrorAsync(exchange, error);
            return;
        }

        var stamp = new ResponseStamp(ResponseIds.Next("cmpl-"), time.GetUtcNow().ToUnixTimeSeconds(), model.Name, model.Fingerprint);
        // Answers are chosen by logprobs that nobody may have asked to see.
        var logprobs = request.TopLogprobs is null ? null : new WireLogprobs(model.Tokenizer);
        await runner.RunAsync(exchange, model, plan, new CompletionFormat(stamp, request.IncludeUsage, logprobs, echoes), request.Stream,
            () => GenerationPlans.TooLong(model, "prompt", plan.Prompts.Max(prompt => prompt.PromptTokens.Length), request.MaxTokens));
    }

    private bool TryPrepare(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out CompletionRequest? request, [NotNullWhen(true)] out ServedModel? model,
        [NotNullWhen(true)] out AnswerPlan? plan, out List<PromptEcho>? echoes, [NotNullWhen(false)] out ApiError? error)
    {
        model = null;
        plan = null;
        echoes = null;
        if (!CompletionApi.TryParse(new ReadOnlySequence<byte>(body), ProtocolLimits.Default, out request, out error)) return false;
        if (catalog.TryFind(request.Model, out model)) return CompletionPlans.TryPlan(model, request, out plan, out echoes, out error);
        error = ApiError.ModelNotFound(request.Model);
        return false;
    }
}
