using System.Globalization;
using System.Text.RegularExpressions;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Units;

namespace StreamCore.Engines.StackFlow.Models;

/// <summary>What is known of a model beside its settings: what a device told, or what its name says. Null where nothing is known.</summary>
internal sealed partial record ModelFacts(string Model, UnitKind Unit)
{
    private const long Kilobyte = 1024;
    private const int UsualAudioRate = 16_000;
    private const int UsualCosyVoiceRate = 48_000;

    /// <summary>What audio models take, in kB, by their names' beginnings.</summary>
    private static readonly (string Name, long Kilobytes)[] AudioMemory =
        [("whisper-tiny", 263_860), ("whisper-base", 448_212), ("whisper-small", 1_132_748), ("melotts", 59_764)];

    /// <summary>Most tokens of a prompt, by the name of the model's file.</summary>
    public int? PrefillTokens { get; init; }

    /// <summary>Of context models: the most of prompt and history.</summary>
    public int? PrecomputeLength { get; init; }

    public int? MaxTokenLength { get; init; }

    /// <summary>NPU memory it takes, in bytes.</summary>
    public long? Memory { get; init; }

    /// <summary>Of speech: samples a second, as the device tells.</summary>
    public int? ToldAudioRate { get; init; }

    /// <summary>Of speech: samples a second.</summary>
    public int AudioRate => ToldAudioRate ?? (Unit == UnitKind.CosyVoice ? UsualCosyVoiceRate : UsualAudioRate);

    /// <summary>Tasks of it on one device while nothing is configured: two of those of 1.5 B and more leave no room.</summary>
    public int UsualPoolSize => Billions >= 1.5 ? 1 : Unit.MaxTasks;

    /// <summary>What the device told, else a guess by the name, from models of that size; 0 where there is none.</summary>
    public long MemoryOrGuess => (Memory, Billions) switch
    {
        ({ } told, _) => told,
        (_, >= 1.5) => 1_782_579 * Kilobyte,
        (_, >= 1) => 1_363_148 * Kilobyte,
        (_, >= 0.5) => 560_460 * Kilobyte,
        _ => Array.Find(AudioMemory, known => Model.StartsWith(known.Name, StringComparison.OrdinalIgnoreCase)).Kilobytes * Kilobyte,
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
        ToldAudioRate = model.AudioRate > 0 ? model.AudioRate : null,
    };

    /// <summary>What the settings of a model say that no device has told of. Null where its unit is of no use here.</summary>
    public static ModelFacts? Of(DeviceModelOptions options) =>
        (UnitKind.Find(options.Unit) ?? UnitKind.Of(TypeOf(options.Model), options.Model)) is { } unit ? new ModelFacts(options.Model, unit) : null;

    /// <summary>The same of a model whose settings name its unit.</summary>
    public ModelFacts Under(DeviceModelOptions options) => UnitKind.Find(options.Unit) is { } unit ? this with { Unit = unit } : this;

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
