using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
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
        if (!TryPrepare(body, out var chat, out var error))
        {
            await Answers.ErrorAsync(exchange, error);
            return;
        }

        // Compiled last: nothing else is refused after it.
        TokenGrammar? grammar = null;
        if (chat.Prompt.Grammar is { } spec)
        {
            (grammar, error) = await ChatRules.CompileAsync(chat.Model, chat.Request, spec, exchange.Aborted);
            if (error is not null)
            {
                await Answers.ErrorAsync(exchange, error);
                return;
            }
        }

        var (request, model, prompt, plan, ending) = chat;
        var stamp = new ResponseStamp(ResponseIds.Next("chatcmpl-"), time.GetUtcNow().ToUnixTimeSeconds(), model.Name, model.Fingerprint);
        var shape = new ChatShape(_reasoningField, request.ToolUse.AsFunctions);
        var counters = ChatRules.Counters(model, request, prompt.Answer);
        var answers = new AnswerPlan([plan], request.N, request.N) { OwnRules = ChatRules.ForChoices(model, request, grammar, counters, ending) };
        var format = new ChatFormat(stamp, request.IncludeUsage, shape, prompt.Answer, counters, new WireLogprobs(model.Tokenizer));
        await runner.RunAsync(exchange, model, answers, format, request.Stream,
            () => GenerationPlans.TooLong(model, "messages", plan.PromptTokens.Length, request.MaxTokens));
    }

    private bool TryPrepare(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out PreparedChat? chat, [NotNullWhen(false)] out ApiError? error)
    {
        chat = null;
        if (!ChatApi.TryParse(new ReadOnlySequence<byte>(body), ProtocolLimits.Default, out var request, out error)) return false;
        if (!catalog.TryFind(request.Model, out var model))
        {
            error = ApiError.ModelNotFound(request.Model);
            return false;
        }

        if (!ChatPrompts.TryRender(model, request, time.GetUtcNow(), out var prompt, out error)) return false;
        var tokens = model.Tokenizer.Encode(prompt.Text, special: true);
        if (!GenerationPlans.TryPlan(model, "messages", tokens, request.MaxTokens, request.Sampling, request.Stop, out var plan, out error)) return false;
        if (!ChatRules.TryEnding(model, request, out var ending, out error)) return false;
        plan = plan with { ContinuesText = prompt.Answer.ContinuesText, TopLogprobs = request.TopLogprobs, CacheScope = request.CacheSalt };
        chat = new(request, model, prompt, plan, ending);
        return true;
    }

    /// <summary>A request that has passed every check but that of its grammar.</summary>
    private sealed record PreparedChat(ChatRequest Request, ServedModel Model, ChatPrompt Prompt, GenerationRequest Plan, int[]? ReasoningEnding);
}
