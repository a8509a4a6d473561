using System.Diagnostics.CodeAnalysis;
using StreamCore.Host.Composition;
using StreamCore.Protocol;

namespace StreamCore.Host.Planning;

/// <summary>A conversation as the model's own chat template writes it.</summary>
internal static class ChatPrompts
{
    /// <summary>False when the template refuses the conversation, in its own words, or the model has no template.</summary>
    public static bool TryRender(
        TokenModel model, ChatRequest request, DateTimeOffset now, [NotNullWhen(true)] out ChatPrompt? prompt, [NotNullWhen(false)] out ApiError? error)
    {
        if (model.Prompts is { } prompts) return PromptApi.TryRender(prompts, request, now, out prompt, out error);
        prompt = null;
        error = ApiError.InvalidRequest("model", $"The model '{model.Name}' has no chat template; ask it through /v1/completions.", "no_chat_template");
        return false;
    }
}
