using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace StreamCore.Engines.StackFlow.Units;

/// <summary>A model as a device describes it (<c>lsmode</c>).</summary>
internal sealed partial record InstalledModel
{
    /// <summary>Its name.</summary>
    public required string Mode { get; init; }

    /// <summary>llm, vlm, asr, tts, kws, vad or cv.</summary>
    public required string Type { get; init; }

    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>The model's parameters, an object; undefined where the device gives none.</summary>
    public JsonElement ModeParam { get; init; }

    /// <summary>The unit that runs it; null for models of no use here.</summary>
    public UnitKind? Unit => UnitKind.Of(Type, Mode);

    /// <summary>Tokens that a context model keeps of prompt and conversation; 0 for other models.</summary>
    public int PrecomputeLength => Number("precompute_len") ?? 0;

    /// <summary>NPU memory it needs, in kB; newer models tell it.</summary>
    public int? MemoryKilobytes => Number("cmm_size");

    public int? AudioRate => Number("audio_rate");

    public int? MaxTokenLength => Number("max_token_len");

    /// <summary>Most tokens of a prompt, by the name of the model's file; null where that does not tell.</summary>
    public int? PrefillTokens =>
        Parameter("template_filename_axmodel", JsonValueKind.String) is { } file && Prefill().Match(file.GetString()!) is { Success: true } match
            && int.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var tokens)
            ? tokens
            : null;

    /// <summary>The models in a device's list. First firmware names some things otherwise; what has no name is left out.</summary>
    public static IReadOnlyList<InstalledModel> ListOf(JsonElement list) =>
        list.ValueKind != JsonValueKind.Array ? [] : [.. list.EnumerateArray().Select(Of).Where(model => model.Mode.Length > 0)];

    private static InstalledModel Of(JsonElement entry) => new()
    {
        Mode = Texts(entry, "mode").Concat(Texts(entry, "model")).FirstOrDefault(""),
        Type = Texts(entry, "type").FirstOrDefault(""),
        Capabilities = [.. Texts(entry, "capabilities")],
        ModeParam = Member(entry, "mode_param") is { ValueKind: JsonValueKind.Object } parameters ? parameters : default,
    };

    /// <summary>The strings of a list, or the one string.</summary>
    private static IEnumerable<string> Texts(JsonElement entry, string name) => Member(entry, name) switch
    {
        { ValueKind: JsonValueKind.String } text => [text.GetString()!],
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!),
        _ => [],
    };

    private static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : null;

    private int? Number(string key) =>
        Parameter(key, JsonValueKind.Number) is { } number && number.TryGetDouble(out var value) && value is >= 0 and <= int.MaxValue ? (int)value : null;

    private JsonElement? Parameter(string key, JsonValueKind kind) => Member(ModeParam, key) is { } value && value.ValueKind == kind ? value : null;

    [GeneratedRegex("_p([0-9]{1,6})_")]
    private static partial Regex Prefill();
}
