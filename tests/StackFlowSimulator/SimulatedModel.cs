namespace StreamCore.StackFlowSimulator;

/// <summary>A model as it is installed on a device: what <c>lsmode</c> tells of it, and how it behaves.</summary>
public sealed record SimulatedModel
{
    /// <summary>Its name, <c>mode</c> in the list.</summary>
    public required string Name { get; init; }

    /// <summary>llm, vlm, asr or tts.</summary>
    public required string Type { get; init; }

    public required IReadOnlyList<string> Capabilities { get; init; }

    /// <summary>NPU memory it takes.</summary>
    public required int MemoryKilobytes { get; init; }

    /// <summary>The unit that runs it, which the list does not tell.</summary>
    public string Unit => Type switch
    {
        "asr" => Name.StartsWith("whisper", StringComparison.Ordinal) ? "whisper" : "asr",
        "tts" when Name.StartsWith("melotts", StringComparison.Ordinal) => "melotts",
        "tts" when Name.StartsWith("CosyVoice", StringComparison.OrdinalIgnoreCase) => "cosy_voice",
        _ => Type,
    };

    /// <summary>Tokens of system prompt, template and text together that one inference may have.</summary>
    public int PrefillTokens { get; init; } = 256;

    /// <summary>Above zero: a context model, which keeps prompt and conversation up to so many tokens.</summary>
    public int PrecomputeTokens { get; init; }

    /// <summary>The list tells the memory it takes (newer models do).</summary>
    public bool TellsMemory { get; init; }

    public int AudioRate { get; init; } = 16_000;

    /// <summary>From the start of generation or recognition to the first token.</summary>
    public TimeSpan Prefill { get; init; }

    public TimeSpan Token { get; init; }

    /// <summary>Encoding one image.</summary>
    public TimeSpan Image { get; init; }

    /// <summary>What a device has installed unless told otherwise: at least one model for each unit.</summary>
    public static readonly IReadOnlyList<SimulatedModel> Installed =
    [
        Language("qwen2.5-0.5B-p256-ax630c", 560_460, 256, 1100, 10.3),
        Language("qwen2.5-0.5B-prefill-20e", 560_460, 128, 360, 10.3),
        Language("qwen3-0.6B-ax630c", 560_460, 256, 1100, 10.3),
        Language("llama3.2-1B-p256-ax630c", 1_363_148, 256, 2600, 4.5),
        Language("deepseek-r1-1.5B-p256-ax630c", 1_782_579, 256, 3100, 3.6),
        Language("qwen2.5-HA-0.5B-ctx-ax630c", 1_840_108, 128, 360, 10.3) with { PrecomputeTokens = 1023, TellsMemory = true },
        Vision("internvl2.5-1B-364-ax630c", 1_363_148, 1100, 1200, 10.6),
        Vision("internvl3-1B-448-ax630c", 1_674_992, 1100, 1200, 10.6) with { PrecomputeTokens = 1023, TellsMemory = true },
        Vision("smolvlm-256M-ax630c", 460_000, 400, 400, 30),
        Recognition("whisper-tiny", 263_860, 250, 33),
        Recognition("whisper-base", 448_212, 660, 51),
        Recognition("sherpa-ncnn-streaming-zipformer-20M-2023-02-17", 40_000, 100, 10),
        Speech("melotts-en-us", 59_764, 16_000),
        Speech("melotts-zh-cn", 59_764, 16_000),
        Speech("single-speaker-english-fast", 0, 16_000),
        Speech("CosyVoice2-0.5B-ax650", 1_600_000, 48_000),
    ];

    private static SimulatedModel Language(string name, int memory, int prefillTokens, int prefill, double tokensPerSecond) => new()
    {
        Name = name,
        Type = "llm",
        Capabilities = ["text_generation", "chat"],
        MemoryKilobytes = memory,
        PrefillTokens = prefillTokens,
        Prefill = TimeSpan.FromMilliseconds(prefill),
        Token = TimeSpan.FromSeconds(1 / tokensPerSecond),
    };

    private static SimulatedModel Vision(string name, int memory, int prefill, int image, double tokensPerSecond) =>
        Language(name, memory, 256, prefill, tokensPerSecond) with { Type = "vlm", Image = TimeSpan.FromMilliseconds(image) };

    private static SimulatedModel Recognition(string name, int memory, int encode, int token) => new()
    {
        Name = name,
        Type = "asr",
        Capabilities = ["Automatic_Speech_Recognition", "English"],
        MemoryKilobytes = memory,
        Prefill = TimeSpan.FromMilliseconds(encode),
        Token = TimeSpan.FromMilliseconds(token),
    };

    private static SimulatedModel Speech(string name, int memory, int rate) => new()
    {
        Name = name,
        Type = "tts",
        Capabilities = ["tts", name.Contains("zh", StringComparison.Ordinal) ? "Chinese" : "English"],
        MemoryKilobytes = memory,
        AudioRate = rate,
    };
}
