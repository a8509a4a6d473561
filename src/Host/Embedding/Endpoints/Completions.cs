using System.Buffers;
using StreamCore.Host.Composition;
using StreamCore.Host.Planning;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary><c>POST /completions</c>. Everything that can be refused is refused before the first byte of the answer.</summary>
internal sealed class Completions(ModelCatalog catalog, AnswerRunner runner, TimeProvider time)
{
    public async ValueTask HandleAsync(HttpExchange exchange)
    {
        if (await Answers.ReadJsonAsync(exchange) is not { } body) return;
        if (!CompletionApi.TryParse(new ReadOnlySequence<byte>(body), ProtocolLimits.Default, out var request, out var error))
        {
            await Answers.ErrorAsync(exchange, error);
            return;
        }

        if (!catalog.TryFind(request.Model, out var model))
        {
            await Answers.ErrorAsync(exchange, catalog.NotFound(request.Model));
            return;
        }

        (var plan, error) = model.Plan(request);
        if (plan is null)
        {
            await Answers.ErrorAsync(exchange, error!);
            return;
        }

        var stamp = new ResponseStamp(ResponseIds.Next("cmpl-"), time.GetUtcNow().ToUnixTimeSeconds(), model.Name, model.Fingerprint);
        // Answers are chosen by logprobs that nobody may have asked to see.
        var logprobs = request.TopLogprobs is not null && plan.Tokenizer is not null ? new WireLogprobs(plan.Tokenizer) : null;
        var echoes = request.Echo && plan.Tokenizer is not null ? Echoes(request, plan, plan.Tokenizer) : null;
        var format = new CompletionFormat(stamp, request.IncludeUsage, logprobs, echoes);
        await runner.RunAsync(exchange, model, plan.Answers, format, request.Stream,
            () => GenerationPlans.TooLong(model, "prompt", plan.Answers.LongestPrompt, request.MaxTokens));
    }

    /// <summary>A prompt for each choice that is given.</summary>
    private static PromptEcho[] Echoes(CompletionRequest request, CompletionPlan plan, ITokenizer tokenizer) =>
    [
        .. plan.Answers.Prompts.SelectMany((prompt, i) =>
            Enumerable.Repeat(new PromptEcho(tokenizer, prompt.PromptTokens, request.Prompts[i].Text), request.N)),
    ];
}
