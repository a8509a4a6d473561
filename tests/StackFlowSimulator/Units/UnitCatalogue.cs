using StreamCore.StackFlowSimulator.Running;

namespace StreamCore.StackFlowSimulator.Units;

/// <summary>The units that are simulated, and how many tasks each takes.</summary>
internal static class UnitCatalogue
{
    public static readonly IReadOnlyList<string> Names = ["llm", "vlm", "whisper", "asr", "melotts", "tts", "cosy_voice"];

    public static Unit Create(Life life, string name) => name switch
    {
        "llm" or "vlm" => new(life, name, 2, static (unit, settings) => new LanguageTask(unit, settings)),
        "whisper" or "asr" => new(life, name, 1, static (unit, settings) => new RecognitionTask(unit, settings)),
        "melotts" or "tts" => new(life, name, 1, static (unit, settings) => new SpeechTask(unit, settings)),
        "cosy_voice" => new(life, name, 2, static (unit, settings) => new SpeechTask(unit, settings)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };
}
