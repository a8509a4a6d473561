using System.Text.Json;

namespace StreamCore.Engines.StackFlow.Units;

/// <summary>A model as a device describes it (<c>lsmode</c>).</summary>
internal sealed record InstalledModel
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
    public int? PrefillTokens => throw new NotImplementedException();

    private int? Number(string key) => throw new NotImplementedException();
}
