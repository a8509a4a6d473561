using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Protocol;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Host.Planning;

/// <summary>Conversations as prompts of text, for devices that make tokens of them themselves.</summary>
internal static class SessionPrompts
{
    /// <summary>A text alone, as one message of the user.</summary>
    public static SessionPrompt Of(SessionModel facts, string text) => Of(facts, [new SessionMessage(SessionRole.User, text)]);

    /// <summary>False where a message holds what devices cannot be told. The prompt may be too long.</summary>
    public static bool TryMake(
        SessionModel facts, ChatMessage[] messages, [NotNullWhen(true)] out SessionPrompt? prompt, [NotNullWhen(false)] out ApiError? error)
    {
        prompt = null;
        error = null;
        var turns = new List<SessionMessage>(messages.Length);
        for (var i = 0; i < messages.Length; i++)
        {
            if (!TryTurn(facts, messages[i], i, out var turn, out error)) return false;
            turns.Add(turn);
        }

        var imageCount = turns.Sum(turn => turn.Images.Count);
        if (messages[^1].Role == ChatRole.Assistant)
            error = Refused(Place(messages.Length - 1, "role"), $"the model '{facts.Name}' answers a user, so the last message cannot be the assistant's");
        else if (imageCount > facts.MaxImageCount)
            error = ApiError.InvalidRequest("messages", string.Create(CultureInfo.InvariantCulture,
                $"Invalid 'messages': the model '{facts.Name}' takes at most {facts.MaxImageCount} images in a request, but there are {imageCount}."), "too_many_images");
        else prompt = Of(facts, turns);
        return prompt is not null;
    }

    private static SessionPrompt Of(SessionModel facts, IReadOnlyList<SessionMessage> turns) => new()
    {
        Messages = turns,
        Tokens = facts.CountPrompt(turns),
        IsEstimate = facts.IsEstimated,
    };

    private static bool TryTurn(
        SessionModel facts, ChatMessage message, int index, [NotNullWhen(true)] out SessionMessage? turn, [NotNullWhen(false)] out ApiError? error)
    {
        turn = null;
        var images = new List<ReadOnlyMemory<byte>>(message.Images.Length);
        error = message switch
        {
            { Role: ChatRole.Tool or ChatRole.Function } =>
                Refused(Place(index, "role"), $"the model '{facts.Name}' runs on devices, which know no tools: leave out messages of the role '{message.RoleName}'"),
            { ToolCalls.Length: > 0 } =>
                Refused(Place(index, "tool_calls"), $"the model '{facts.Name}' runs on devices, which know no tools"),
            { Images: [var first, ..] } when facts.MaxImageCount == 0 => ApiError.ImageNotSupported(facts.Name, index, first.Part),
            _ => null,
        };
        for (var i = 0; error is null && i < message.Images.Length; i++)
        {
            if (SessionImages.TryRead(message.Images[i].Url, out var jpeg, out var fault)) images.Add(jpeg);
            else error = SessionImages.Refused(string.Create(CultureInfo.InvariantCulture, $"messages[{index}].content[{message.Images[i].Part}].image_url.url"), fault);
        }

        if (error is not null) return false;
        turn = new SessionMessage(RoleOf(message.Role), message.Content ?? "") { Images = images };
        return true;
    }

    private static SessionRole RoleOf(ChatRole role) => role switch
    {
        ChatRole.System or ChatRole.Developer => SessionRole.System,
        ChatRole.Assistant => SessionRole.Assistant,
        _ => SessionRole.User,
    };

    private static string Place(int message, string field) => string.Create(CultureInfo.InvariantCulture, $"messages[{message}].{field}");

    private static ApiError Refused(string param, string why) => ApiError.InvalidRequest(param, $"Invalid '{param}': {why}.", "unsupported_value");
}
