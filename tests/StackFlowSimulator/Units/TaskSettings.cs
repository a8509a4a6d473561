using System.Text.Json;

namespace StreamCore.StackFlowSimulator.Units;

/// <summary>What a setup fixes for a task's life.</summary>
internal sealed record TaskSettings(JsonElement Data, SimulatedModel Model, string WorkId, int Owner, string RequestId)
{
    public string ResponseFormat { get; } = Data.GetProperty("response_format").GetString()!;

    public bool IsOutputOn { get; } = Data.GetProperty("enoutput").GetBoolean();

    /// <summary>The input as it was given: one string, or those of the array.</summary>
    public IReadOnlyList<string> Inputs { get; } = InputsOf(Data);

    public string Text(string name, string fallback) =>
        Data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : fallback;

    public int? Number(string name) =>
        Data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    /// <summary>Whether the required fields are there and of the right type; which is not told.</summary>
    public static bool AreComplete(JsonElement data, string unit)
    {
        if (!Is("model", JsonValueKind.String) || !Is("response_format", JsonValueKind.String)) return false;
        if (!Is("enoutput", JsonValueKind.True) && !Is("enoutput", JsonValueKind.False)) return false;
        return unit switch
        {
            "llm" or "vlm" => Is("prompt", JsonValueKind.String),
            "whisper" => Is("language", JsonValueKind.String) && HasInput(),
            _ => HasInput(),
        };

        bool Is(string name, JsonValueKind kind) => data.TryGetProperty(name, out var value) && value.ValueKind == kind;

        bool HasInput() => Is("input", JsonValueKind.String) || Is("input", JsonValueKind.Array);
    }

    private static string[] InputsOf(JsonElement data) =>
        !data.TryGetProperty("input", out var input) ? []
        : input.ValueKind == JsonValueKind.String ? [input.GetString()!]
        : input.ValueKind == JsonValueKind.Array ? [.. input.EnumerateArray().Select(static item => item.ToString())]
        : [];
}
