using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary><c>POST /completions</c>: the model goes on with each prompt, without a chat template.</summary>
internal sealed class Completions(ModelCatalog catalog, GenerationPlans plans, AnswerRunner runner, TimeProvider time)
{
    public async ValueTask HandleAsync(HttpExchange exchange)
    {
        if (await Answers.ReadJsonAsync(exchange) is not { } body) return;
        if (!TryPrepare(body, out var request, out var model, out var prepared, out var error))
        {
            await Answers.ErrorAsync(exchange, error);
            return;
        }

        var stamp = new ResponseStamp(ResponseIds.Next("cmpl-"), time.GetUtcNow().ToUnixTimeSeconds(), model.Name, model.Fingerprint);
        await runner.RunAsync(exchange, model, prepared, new CompletionFormat(stamp, request.IncludeUsage), request.Stream,
            () => GenerationPlans.TooLong(model, "prompt", prepared.Max(plan => plan.PromptTokens.Length), request.MaxTokens));
    }

    private bool TryPrepare(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out CompletionRequest? request, [NotNullWhen(true)] out ServedModel? model,
        [NotNullWhen(true)] out List<GenerationRequest>? prepared, [NotNullWhen(false)] out ApiError? error)
    {
        model = null;
        prepared = null;
        if (!CompletionApi.TryParse(new ReadOnlySequence<byte>(body), ProtocolLimits.Default, out request, out error)) return false;
        if (!catalog.TryFind(request.Model, out model))
        {
            error = ApiError.ModelNotFound(request.Model);
            return false;
        }

        var all = new List<GenerationRequest>(request.Prompts.Length);
        for (var i = 0; i < request.Prompts.Length; i++)
        {
            var param = request.Prompts.Length == 1 ? "prompt" : string.Create(CultureInfo.InvariantCulture, $"prompt[{i}]");
            if (!TryTokens(model, request.Prompts[i], param, out var tokens, out error)) return false;
            if (!plans.TryPlan(model, tokens, request.MaxTokens, request.Sampling, request.Stop, out var plan))
            {
                error = GenerationPlans.TooLong(model, "prompt", tokens.Length, request.MaxTokens);
                return false;
            }

            all.Add(plan with { Choice = i, ContinuesText = true });
        }

        prepared = all;
        return true;
    }

    private static bool TryTokens(
        ServedModel model, CompletionPrompt prompt, string param, [NotNullWhen(true)] out int[]? tokens, [NotNullWhen(false)] out ApiError? error)
    {
        error = null;
        tokens = prompt.Tokens ?? model.Tokenizer.Encode(prompt.Text!, special: false);
        if (prompt.Tokens is null && model.BeginToken is { } begin) tokens = [begin, .. tokens];
        var size = model.VocabularySize;
        var unknown = Array.FindIndex(tokens, token => (uint)token >= (uint)size);
        if (unknown >= 0)
            error = ApiError.InvalidRequest(param, string.Create(CultureInfo.InvariantCulture,
                $"Invalid '{param}': token {tokens[unknown]} is not in the model's vocabulary of {size} tokens."), "invalid_token");
        else if (tokens.Length == 0)
            error = ApiError.InvalidRequest(param, $"Invalid '{param}': the prompt has no tokens, and this model needs one to begin with.", "empty_prompt");
        return error is null;
    }
}
