using System.Buffers;
using StreamCore.Host.Composition;
using StreamCore.Host.Planning;
using StreamCore.Protocol;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary><c>POST /chat/completions</c>. Everything that can be refused is refused before the first byte of the answer.</summary>
internal sealed class ChatCompletions(StreamCoreOptions options, ModelCatalog catalog, AnswerRunner runner, TimeProvider time)
{
    private readonly string _reasoningField = options.Generation.ReasoningField;

    public async ValueTask HandleAsync(HttpExchange exchange)
    {
        if (await Answers.ReadJsonAsync(exchange) is not { } body) return;
        if (!ChatApi.TryParse(new ReadOnlySequence<byte>(body), ProtocolLimits.Default, out var request, out var error))
        {
            await Answers.ErrorAsync(exchange, error);
            return;
        }

        if (!catalog.TryFind(request.Model, out var model))
        {
            await Answers.ErrorAsync(exchange, catalog.NotFound(request.Model));
            return;
        }

        (var plan, error) = await model.PlanAsync(request, time.GetUtcNow(), exchange.Aborted);
        if (plan is null)
        {
            await Answers.ErrorAsync(exchange, error!);
            return;
        }

        var stamp = new ResponseStamp(ResponseIds.Next("chatcmpl-"), time.GetUtcNow().ToUnixTimeSeconds(), model.Name, model.Fingerprint);
        var shape = new ChatShape(_reasoningField, request.ToolUse.AsFunctions);
        await runner.RunAsync(exchange, model, plan.Answers, new ChatFormat(stamp, request.IncludeUsage, shape, plan), request.Stream,
            () => GenerationPlans.TooLong(model, "messages", plan.Answers.LongestPrompt, request.MaxTokens));
    }
}
