using System.Buffers;
using System.Text.Json;
using StreamCore.LoadTests.Prompts;

namespace StreamCore.LoadTests.Client;

/// <summary>The JSON of a request.</summary>
internal static class RequestBody
{
    public static ReadOnlyMemory<byte> Write(PlannedRequest request, string model, bool chat, bool ignoreEos)
    {
        var bytes = new ArrayBufferWriter<byte>(256 + request.Prompt.Length + (request.Prefix?.Length ?? 0));
        using var json = new Utf8JsonWriter(bytes);
        json.WriteStartObject();
        json.WriteString("model", model);
        if (chat) Messages(json, request);
        else json.WriteString("prompt", request.Prefix is null ? request.Prompt : request.Prefix + "\n\n" + request.Prompt);
        json.WriteNumber("max_tokens", request.MaxTokens);
        json.WriteNumber("temperature", 0);
        if (ignoreEos) json.WriteBoolean("ignore_eos", true);
        if (request.Stream)
        {
            json.WriteBoolean("stream", true);
            json.WriteStartObject("stream_options");
            json.WriteBoolean("include_usage", true);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenMemory;
    }

    private static void Messages(Utf8JsonWriter json, PlannedRequest request)
    {
        json.WriteStartArray("messages");
        if (request.Prefix is not null) Message(json, "system", request.Prefix);
        Message(json, "user", request.Prompt);
        json.WriteEndArray();
    }

    private static void Message(Utf8JsonWriter json, string role, string content)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteString("content", content);
        json.WriteEndObject();
    }
}
