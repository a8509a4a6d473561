using System.Globalization;
using System.Text.RegularExpressions;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Units;

namespace StreamCore.Engines.StackFlow.Models;

/// <summary>What is known of a model beside its settings: what a device told, or what its name says. Null where nothing is known.</summary>
internal sealed partial record ModelFacts(string Model, UnitKind Unit)
{
    private const long Kilobyte = 1024;

    /// <summary>Most tokens of a prompt, by the name of the model's file.</summary>
    public int? PrefillTokens { get; init; }

    /// <summary>Of context models: the most of prompt and history.</summary>
    public int? PrecomputeLength { get; init; }

    public int? MaxTokenLength { get; init; }

    /// <summary>NPU memory it takes, in bytes.</summary>
    public long? Memory { get; init; }

    /// <summary>Tasks of it on one device while nothing is configured: two of those of 1.5 B and more leave no room.</summary>
    public int UsualPoolSize => Billions >= 1.5 ? 1 : Unit.MaxTasks;

    /// <summary>What the device told, else a guess by the name, from models of that size; 0 where there is none.</summary>
    public long MemoryOrGuess => (Memory, Billions) switch
    {
        ({ } told, _) => told,
        (_, >= 1.5) => 1_782_579 * Kilobyte,
        (_, >= 1) => 1_363_148 * Kilobyte,
        (_, >= 0.5) => 560_460 * Kilobyte,
        _ => 0,
    };

    private double Billions =>
        Size().Match(Model) is { Success: true } size ? double.Parse(size.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    /// <summary>What a device says. Null for models of units that are of no use here.</summary>
    public static ModelFacts? Of(InstalledModel model) => model.Unit is not { } unit ? null : new ModelFacts(model.Mode, unit)
    {
        PrefillTokens = model.PrefillTokens,
        PrecomputeLength = model.PrecomputeLength > 0 ? model.PrecomputeLength : null,
        MaxTokenLength = model.MaxTokenLength > 0 ? model.MaxTokenLength : null,
        Memory = model.MemoryKilobytes > 0 ? model.MemoryKilobytes * Kilobyte : null,
    };

    /// <summary>What the settings of a model say that no device has told of. Null where its unit is of no use here.</summary>
    public static ModelFacts? Of(DeviceModelOptions options) =>
        (UnitKind.Find(options.Unit) ?? UnitKind.Of(TypeOf(options.Model), options.Model)) is { } unit ? new ModelFacts(options.Model, unit) : null;

    private static string TypeOf(string model)
    {
        bool Has(string part) => model.Contains(part, StringComparison.OrdinalIgnoreCase);
        if (Has("whisper") || Has("sherpa") || Has("sense-voice")) return "asr";
        if (Has("melotts") || Has("cosyvoice") || Has("single-speaker") || Has("single_speaker")) return "tts";
        return Has("vlm") || Has("internvl") || Has("-vl-") ? "vlm" : "llm";
    }

    [GeneratedRegex("[-_]([0-9]+(?:\\.[0-9]+)?)[bB](?:[-_]|$)")]
    private static partial Regex Size();
}
