using System.Buffers;
using System.Text;

namespace StreamCore.Engines.StackFlow.Audio;

/// <summary>
/// Cuts a text into what is spoken at a time. The units cut at the same marks and speak each piece for itself; a piece in which nothing can be
/// spoken would make them fail or say nothing, so runs of marks become one, and what has neither letter nor digit is left out.
/// </summary>
internal static class SpeechText
{
    private const string Marks = ",、，.。!！?？;；";

    /// <summary>About a sentence: a speech that is no longer wanted is over soon, for some units cannot be stopped.</summary>
    private const int MaxPieceCharacters = 200;

    private static readonly SearchValues<char> Separators = SearchValues.Create(Marks);

    /// <summary>The pieces, each with its mark at the end and none within, and nothing to escape.</summary>
    public static IReadOnlyList<string> Pieces(string text)
    {
        var pieces = new List<string>();
        ReadOnlySpan<char> left = Plain(text);
        while (!left.IsEmpty)
        {
            var end = left.IndexOfAny(Separators) + 1;
            if (end == 0) end = left.Length;
            if (end > MaxPieceCharacters) end = BreakOf(left);
            var piece = left[..end].Trim();
            if (IsSpoken(piece)) pieces.Add(piece.ToString());
            left = left[end..];
        }
        return pieces;
    }

    /// <summary>Where a piece without marks is cut: at its last space, if there is one.</summary>
    private static int BreakOf(ReadOnlySpan<char> text)
    {
        var space = text[..MaxPieceCharacters].LastIndexOf(' ');
        if (space > 0) return space;
        return char.IsHighSurrogate(text[MaxPieceCharacters - 1]) ? MaxPieceCharacters - 1 : MaxPieceCharacters;
    }

    /// <summary>Without control characters, and without backslashes and quotes, which nobody speaks and units unescape.</summary>
    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var c in text) plain.Append(char.IsControl(c) || c is '\\' or '"' ? ' ' : c);
        return plain.ToString();
    }

    private static bool IsSpoken(ReadOnlySpan<char> piece)
    {
        foreach (var rune in piece.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune)) return true;
        }
        return false;
    }
}
