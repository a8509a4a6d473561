using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using StreamCore.Host.Composition;
using StreamCore.Host.Planning;
using StreamCore.Protocol;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary>
/// <c>POST /tokenize</c>, <c>/detokenize</c> and <c>/apply-template</c>: what a prompt is to the model, without running it. The names
/// are llama.cpp's and vLLM's.
/// </summary>
internal sealed class Tokens(ModelCatalog catalog, TimeProvider time)
{
    /// <summary>The tokens of a text, in which the spellings of special tokens are those tokens.</summary>
    public async ValueTask TokenizeAsync(HttpExchange exchange)
    {
        if (await Answers.ReadJsonAsync(exchange) is not { } body) return;
        if (!TokenApi.TryParseTokenize(new ReadOnlySequence<byte>(body), ProtocolLimits.Default, out var request, out var error)
            || !TryFind(request.Model, out var model, out error))
            await Answers.ErrorAsync(exchange, error);
        else
            await Answers.JsonAsync(exchange, 200,
                output => TokenApi.EncodeTokens(output, Pieces(model, request), request.WithPieces, model.MaxContextTokens));
    }

    /// <summary>The text of tokens, in which special tokens show as they are spelled.</summary>
    public async ValueTask DetokenizeAsync(HttpExchange exchange)
    {
        if (await Answers.ReadJsonAsync(exchange) is not { } body) return;
        if (!TokenApi.TryParseDetokenize(new ReadOnlySequence<byte>(body), ProtocolLimits.Default, out var request, out var error)
            || !TryFind(request.Model, out var model, out error))
            await Answers.ErrorAsync(exchange, error);
        else if (Array.Find(request.Tokens, token => token >= model.VocabularySize) is var unknown and > 0)
            await Answers.ErrorAsync(exchange, GenerationPlans.UnknownToken(model, "tokens", unknown));
        else
            await Answers.JsonAsync(exchange, 200,
                output => TokenApi.EncodeText(output, TokenText.Join(model.Tokenizer, request.Tokens, special: true)));
    }

    /// <summary>A conversation as the model's chat template writes it.</summary>
    public async ValueTask ApplyTemplateAsync(HttpExchange exchange)
    {
        if (await Answers.ReadJsonAsync(exchange) is not { } body) return;
        if (!TokenApi.TryParseTemplate(new ReadOnlySequence<byte>(body), ProtocolLimits.Default, out var request, out var error)
            || !TryFind(request.Model, out var model, out error)
            || !ChatPrompts.TryRender(model, request, time.GetUtcNow(), out var prompt, out error))
            await Answers.ErrorAsync(exchange, error);
        else
            await Answers.JsonAsync(exchange, 200, output => TokenApi.EncodePrompt(output, prompt.Text));
    }

    private static TokenPiece[] Pieces(TokenModel model, TokenizeRequest request)
    {
        var tokens = model.Tokenizer.Encode(request.Text, special: true);
        if (request.AddsSpecial && model.BeginToken is { } begin) tokens = [begin, .. tokens];
        return [.. tokens.Select(token => new TokenPiece(token, request.WithPieces ? model.Tokenizer.Spelling(token).ToArray() : []))];
    }

    private bool TryFind(string? name, [NotNullWhen(true)] out TokenModel? model, [NotNullWhen(false)] out ApiError? error)
    {
        model = null;
        if (catalog.TryFindOrOnly(name, out var found))
        {
            model = found as TokenModel;
            error = model is not null ? null : ApiError.InvalidRequest("model",
                $"The model '{found.Name}' makes tokens of its texts by itself and does not tell them; ask for another model's.", "tokenizer_not_available");
        }
        else error = string.IsNullOrEmpty(name)
            ? ApiError.InvalidRequest("model", "Missing required parameter: 'model'. There is more than one.", "missing_required_parameter")
            : catalog.NotFound(name);
        return model is not null;
    }
}
