using System.Collections.Frozen;

namespace StreamCore.Engines.StackFlow.Audio;

/// <summary>Whisper's languages, by its codes.</summary>
internal static class WhisperLanguages
{
    private static readonly FrozenSet<string> Codes = (
        "af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy id is it ja jw ka kk km kn ko la lb " +
        "ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi " +
        "yo yue zh").Split(' ').ToFrozenSet(StringComparer.Ordinal);

    public static bool IsKnown(string code) => Codes.Contains(code);

    /// <summary>Written without spaces between words.</summary>
    public static bool HasNoSpaces(string code) => code is "zh" or "yue" or "ja" or "th" or "lo" or "km" or "my" or "bo";

    /// <summary>Whether the unit answers in this language where it heard no words.</summary>
    public static bool AnswersSilence(string code) => code is "en" or "ja";
}
