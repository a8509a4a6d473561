namespace StreamCore.Engines.StackFlow.Units;

/// <summary>A unit of the device, and how tasks of it are used.</summary>
internal sealed record UnitKind
{
    private UnitKind(string name) => Name = name;

    public static readonly UnitKind Llm = new("llm")
    {
        ResponseFormat = "llm.utf-8.stream",
        Input = "llm.utf-8",
        InferenceObject = "llm.utf-8.base64",
        CanPause = true,
        MaxTasks = 2,
    };

    public static readonly UnitKind Vlm = new("vlm")
    {
        ResponseFormat = "vlm.utf-8.stream",
        Input = "vlm.utf-8",
        InferenceObject = "vlm.utf-8.base64",
        CanPause = true,
        MaxTasks = 2,
    };

    /// <summary>Audio goes to it as bare samples: a header would not be read.</summary>
    public static readonly UnitKind Whisper = new("whisper")
    {
        ResponseFormat = "asr.utf-8",
        Input = "whisper.base64",
        InferenceObject = "asr.base64",
        MaxTasks = 1,
        Purpose = UnitPurpose.Transcription,
        Ending = AnswerEnding.OneMessage,
    };

    public static readonly UnitKind Asr = new("asr")
    {
        ResponseFormat = "asr.utf-8.stream",
        Input = "asr.base64",
        InferenceObject = "asr.base64",
        MaxTasks = 1,
        Purpose = UnitPurpose.Transcription,
        Ending = AnswerEnding.Quiet,
    };

    /// <summary>Only a format with "stream" gives more than the last piece of audio.</summary>
    public static readonly UnitKind MeloTts = new("melotts")
    {
        ResponseFormat = "pcm.stream.base64",
        Input = "tts.utf-8",
        InferenceObject = "tts.utf-8.base64",
        MaxTasks = 1,
        Purpose = UnitPurpose.Speech,
    };

    /// <summary>Only a format without "stream" gives audio; then there is no end marker.</summary>
    public static readonly UnitKind Tts = new("tts")
    {
        ResponseFormat = "tts.base64.wav",
        Input = "tts.utf-8",
        InferenceObject = "tts.utf-8.base64",
        MaxTasks = 1,
        Purpose = UnitPurpose.Speech,
        Ending = AnswerEnding.OneMessage,
    };

    public static readonly UnitKind CosyVoice = new("cosy_voice")
    {
        ResponseFormat = "pcm.stream.base64",
        Input = "tts.utf-8",
        InferenceObject = "tts.utf-8.base64",
        MaxTasks = 2,
        CanPause = true,
        Purpose = UnitPurpose.Speech,
    };

    public static readonly IReadOnlyList<UnitKind> All = [Llm, Vlm, Whisper, Asr, MeloTts, Tts, CosyVoice];

    /// <summary>As work ids begin with it.</summary>
    public string Name { get; }

    /// <summary>The format tasks are set up with; the unit looks for parts of it.</summary>
    public required string ResponseFormat { get; init; }

    /// <summary>The input tasks are set up with; without the unit's own name in it inferences vanish.</summary>
    public required string Input { get; init; }

    /// <summary>The object of an inference.</summary>
    public required string InferenceObject { get; init; }

    /// <summary>Tasks of it on one device.</summary>
    public required int MaxTasks { get; init; }

    /// <summary>Whether it can stop a running inference.</summary>
    public bool CanPause { get; init; }

    /// <summary>What its models are for.</summary>
    public UnitPurpose Purpose { get; init; }

    /// <summary>How the end of an answer is told.</summary>
    public AnswerEnding Ending { get; init; }

    /// <summary>The unit of that name; null where it is none that is known.</summary>
    public static UnitKind? Find(string name) => All.FirstOrDefault(unit => unit.Name == name);

    /// <summary>The unit that runs a model, which the device's list does not tell; null for models of no use here.</summary>
    public static UnitKind? Of(string type, string model) => type switch
    {
        "llm" => Llm,
        "vlm" => Vlm,
        "asr" => Starts(model, "whisper") ? Whisper : Asr,
        "tts" => Starts(model, "melotts") ? MeloTts : Starts(model, "cosyvoice") || Starts(model, "cosy_voice") ? CosyVoice : Tts,
        _ => null,
    };

    public override string ToString() => Name;

    private static bool Starts(string model, string with) => model.StartsWith(with, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What a unit's models are for.</summary>
internal enum UnitPurpose
{
    /// <summary>Text, of text and images.</summary>
    Language = 0,

    /// <summary>Audio, of text.</summary>
    Speech,

    /// <summary>Text, of audio.</summary>
    Transcription,
}

/// <summary>How the end of an answer is told.</summary>
internal enum AnswerEnding
{
    /// <summary>By a mark in the last part.</summary>
    Mark = 0,

    /// <summary>The answer is one message, or none.</summary>
    OneMessage,

    /// <summary>By nothing: marks end stretches of speech, and then no more comes.</summary>
    Quiet,
}
