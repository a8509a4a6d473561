namespace StreamCore.Engines.StackFlow.Units;

/// <summary>What a task is set up with, for its life. Equal setups make tasks that can stand in for each other.</summary>
internal sealed record TaskSetup
{
    public required UnitKind Unit { get; init; }

    /// <summary>As the device's list of models has it.</summary>
    public required string Model { get; init; }

    /// <summary>A word by which the task is known again: it is put behind the response format, which the device tells of its tasks. Letters and
    /// digits that make none of the words a unit looks for there.</summary>
    public string Tag { get; init; } = "";

    /// <summary>System prompt of text models; may be empty.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>Most tokens of prompt and answer together; the device takes 127 where nothing is said, and never more than its cache holds.</summary>
    public int MaxTokenLength { get; init; } = 1023;

    /// <summary>Sampling of text models; null leaves the model's own.</summary>
    public TaskSampling? Sampling { get; init; }

    /// <summary>Language of <c>whisper</c>, one of its codes. It must be given: there is no detection.</summary>
    public string? Language { get; init; }

    /// <summary>Settings of speech; null leaves the model's own.</summary>
    public TaskSpeech? Speech { get; init; }
}

/// <summary>Sampling of a task. What is null is off: without top-k and top-p it is greedy.</summary>
internal sealed record TaskSampling
{
    public double? Temperature { get; init; }

    public int? TopK { get; init; }

    /// <summary>Goes before top-k.</summary>
    public double? TopP { get; init; }

    public double? RepetitionPenalty { get; init; }

    /// <summary>Tokens that the penalty looks back.</summary>
    public int? PenaltyWindow { get; init; }
}

/// <summary>Speech settings of a task. What is null is the model's own.</summary>
internal sealed record TaskSpeech
{
    /// <summary>Of <c>melotts</c>; larger is faster, models have about 1.2.</summary>
    public double? Speed { get; init; }

    /// <summary>Samples a second.</summary>
    public int? AudioRate { get; init; }

    /// <summary>The voice of <c>cosy_voice</c>: a folder on the device.</summary>
    public string? PromptDirectory { get; init; }
}
