using System.Diagnostics.CodeAnalysis;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Protocol.Templating;

namespace StreamCore.Host.Endpoints;

/// <summary>A conversation as the model's own chat template writes it.</summary>
internal static class ChatPrompts
{
    /// <summary>False when the template refuses the conversation, in its own words, or the model has no template.</summary>
    public static bool TryRender(ServedModel model, ChatRequest request, DateTimeOffset now, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out ApiError? error)
    {
        text = null;
        error = null;
        if (model.Template is not { } template)
        {
            error = ApiError.InvalidRequest("model", $"The model '{model.Name}' has no chat template; ask it through /v1/completions.", "no_chat_template");
            return false;
        }

        if (template.TryRender(Context(model, request, now), out text, out var fault)) return true;
        error = ApiError.InvalidRequest("messages", fault, "chat_template_error");
        return false;
    }

    private static TemplateContext Context(ServedModel model, ChatRequest request, DateTimeOffset now)
    {
        var context = new TemplateContext { Now = now };
        context.SetMessages("messages", [.. request.Messages.Select(message => new TemplateMessage(message.RoleName, message.Content) { Name = message.Name })]);
        context.SetBool("add_generation_prompt", true);
        if (model.SpecialTokens.Begin is { } begin) context.SetString("bos_token", begin);
        if (model.SpecialTokens.End is { } end) context.SetString("eos_token", end);
        return context;
    }
}
