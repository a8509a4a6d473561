using System.Text;

namespace StreamCore.Scheduler.Text;

/// <summary>
/// Looks for stop strings in a text that comes byte by byte. One Knuth-Morris-Pratt automaton for each string: its state is
/// the length of the longest end of the text that is a beginning of the string, which is exactly what must be held back.
/// UTF-8 being self-synchronizing, a match of bytes is a match of characters.
/// </summary>
internal sealed class StopStrings
{
    private readonly string[] _texts;
    private readonly byte[][] _strings;
    private readonly int[][] _fallbacks;
    private readonly int[] _matched;

    public StopStrings(IReadOnlyList<string> strings)
    {
        _texts = [.. strings.Where(text => text.Length > 0)];
        _strings = [.. _texts.Select(Encoding.UTF8.GetBytes)];
        _fallbacks = [.. _strings.Select(Fallbacks)];
        _matched = new int[_strings.Length];
    }

    public bool IsEmpty => _strings.Length == 0;

    /// <summary>Bytes at the end of the text that may still become part of a stop string.</summary>
    public int Held { get; private set; }

    /// <summary>The stop string that is complete; null when none is.</summary>
    public string? Matched { get; private set; }

    /// <summary>Takes the next byte. True when it completes a stop string; the longest, when it completes several.</summary>
    public bool Feed(byte next, out int length)
    {
        length = 0;
        Held = 0;
        for (var i = 0; i < _strings.Length; i++)
        {
            var matched = Advance(_strings[i], _fallbacks[i], _matched[i], next);
            _matched[i] = matched;
            if (matched < _strings[i].Length) Held = Math.Max(Held, matched);
            else if (matched > length) (length, Matched) = (matched, _texts[i]);
        }

        return length > 0;
    }

    private static int Advance(byte[] text, int[] fallbacks, int matched, byte next)
    {
        while (matched > 0 && text[matched] != next) matched = fallbacks[matched - 1];
        return text[matched] == next ? matched + 1 : 0;
    }

    /// <summary>For each beginning of the string, the length of its longest proper end that is also a beginning.</summary>
    private static int[] Fallbacks(byte[] text)
    {
        var fallbacks = new int[text.Length];
        for (var i = 1; i < text.Length; i++) fallbacks[i] = Advance(text, fallbacks, fallbacks[i - 1], text[i]);
        return fallbacks;
    }
}
