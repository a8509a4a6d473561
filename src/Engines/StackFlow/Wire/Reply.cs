using System.Text.Json;

namespace StreamCore.Engines.StackFlow.Wire;

/// <summary>One reply of a device. What is absent is empty: old firmware leaves parts out.</summary>
internal sealed record Reply
{
    /// <summary>Of the request it answers; <c>0</c> where the device could not read that.</summary>
    public required string RequestId { get; init; }

    public required string WorkId { get; init; }

    /// <summary>The kind of payload; <c>None</c> or empty for an acknowledgement.</summary>
    public required string Object { get; init; }

    /// <summary>0 is success.</summary>
    public required int Code { get; init; }

    public required string Message { get; init; }

    /// <summary>The payload as it came; undefined where there is none.</summary>
    public JsonElement Data { get; init; }

    /// <summary>The payload's text: the string, or the delta of a streamed one. Null for other payloads and for none.</summary>
    public string? Text { get; init; }

    /// <summary>It is a streamed payload's last.</summary>
    public bool IsFinish { get; init; }

    /// <summary>It is a part of a streamed payload.</summary>
    public bool IsDelta { get; init; }

    public bool IsAcknowledgement => Object is "" or "None";

    /// <exception cref="InvalidOperationException">A string is not Unicode.</exception>
    public static Reply Of(JsonElement json)
    {
        var error = Member(json, "error", JsonValueKind.Object);
        var data = json.TryGetProperty("data", out var value) ? value : default;
        var delta = Member(data, "delta", JsonValueKind.String);
        return new()
        {
            RequestId = String(json, "request_id"),
            WorkId = String(json, "work_id"),
            Object = String(json, "object"),
            Code = Member(error, "code", JsonValueKind.Number) is { ValueKind: JsonValueKind.Number } code && code.TryGetInt32(out var number) ? number : 0,
            Message = String(error, "message"),
            Data = data,
            Text = data.ValueKind == JsonValueKind.String ? data.GetString() : delta.ValueKind == JsonValueKind.String ? delta.GetString() : null,
            IsDelta = delta.ValueKind == JsonValueKind.String,
            IsFinish = Member(data, "finish", JsonValueKind.True).ValueKind == JsonValueKind.True,
        };
    }

    private static string String(JsonElement json, string name) =>
        Member(json, name, JsonValueKind.String) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    /// <summary>The member, if it is there and of that kind; else undefined.</summary>
    private static JsonElement Member(JsonElement json, string name, JsonValueKind kind) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) && member.ValueKind == kind ? member : default;
}
