using System.Text.Json;

namespace StreamCore.LoadTests.Client;

/// <summary>What matters of an answer, or of one chunk of it.</summary>
/// <param name="HasText">Some text for the user came: content, reasoning, or the text of a completion.</param>
/// <param name="Finished">A finish reason was given.</param>
/// <param name="PromptTokens">As the server counts them, or -1.</param>
/// <param name="CompletionTokens">As the server counts them, or -1.</param>
/// <param name="Error">The message or type of an error, or null.</param>
internal readonly record struct AnswerFacts(bool HasText, bool Finished, int PromptTokens, int CompletionTokens, string? Error)
{
    private static readonly byte[][] TextFields = [[.. "content"u8], [.. "text"u8], [.. "reasoning_content"u8], [.. "reasoning"u8]];

    /// <summary>Reads the JSON once over, without building anything: this runs for every token.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static AnswerFacts Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var (hasText, finished, prompt, completion, error) = (false, false, -1, -1, (string?)null);
        var area = Area.Other;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            // The depth of a top-level property is 1; what hangs below one belongs to its area until the next.
            if (reader.CurrentDepth == 1)
            {
                area = reader.ValueTextEquals("choices"u8) ? Area.Choices : reader.ValueTextEquals("usage"u8) ? Area.Usage
                    : reader.ValueTextEquals("error"u8) ? Area.Error : Area.Other;
                if (area == Area.Error) error = ErrorText(ref reader);
                continue;
            }

            if (area == Area.Choices && IsText(ref reader)) hasText |= reader.Read() && reader.TokenType == JsonTokenType.String && !IsEmpty(ref reader);
            else if (area == Area.Choices && reader.ValueTextEquals("finish_reason"u8)) finished |= reader.Read() && reader.TokenType == JsonTokenType.String;
            else if (area == Area.Usage && reader.ValueTextEquals("prompt_tokens"u8)) prompt = Number(ref reader, prompt);
            else if (area == Area.Usage && reader.ValueTextEquals("completion_tokens"u8)) completion = Number(ref reader, completion);
        }

        return new(hasText, finished, prompt, completion, error);
    }

    private static bool IsText(ref Utf8JsonReader reader)
    {
        foreach (var field in TextFields)
            if (reader.ValueTextEquals(field)) return true;
        return false;
    }

    private static bool IsEmpty(ref Utf8JsonReader reader) => reader.HasValueSequence ? reader.ValueSequence.IsEmpty : reader.ValueSpan.IsEmpty;

    private static int Number(ref Utf8JsonReader reader, int otherwise) =>
        reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) ? number : otherwise;

    private static string? ErrorText(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return null;
        var error = JsonElement.ParseValue(ref reader);
        var message = error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var text) ? text : error;
        return message.ToString();
    }

    private enum Area { Other, Choices, Usage, Error }
}
