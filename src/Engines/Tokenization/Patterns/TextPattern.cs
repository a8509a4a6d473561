using System.Text;

namespace StreamCore.Engines.Tokenization.Patterns;

/// <summary>A run of text, by code units, that a pattern matched or that lies between two matches.</summary>
internal readonly record struct Segment(int Start, int End, bool IsMatch);

/// <summary>What a pre-tokenizer splits at and a replacement replaces.</summary>
internal abstract class TextPattern
{
    /// <summary>Cuts the whole text into matches and what lies between them, in order. No segment is empty.</summary>
    public abstract void Find(ReadOnlySpan<char> text, List<Segment> segments);

    /// <summary>The text with each match replaced by <paramref name="content"/>, taken literally.</summary>
    public virtual string Replace(string text, string content)
    {
        var segments = new List<Segment>();
        Find(text, segments);
        if (!segments.Exists(segment => segment.IsMatch))
            return text;
        var result = new StringBuilder(text.Length);
        foreach (var segment in segments)
        {
            if (segment.IsMatch)
                result.Append(content);
            else
                result.Append(text, segment.Start, segment.End - segment.Start);
        }
        return result.ToString();
    }

    /// <summary>Adds a match and the gap before it; gives where the match ends.</summary>
    protected static int AddMatch(List<Segment> segments, int previousEnd, int start, int end)
    {
        if (start > previousEnd)
            segments.Add(new Segment(previousEnd, start, false));
        if (end > start)
            segments.Add(new Segment(start, end, true));
        return end;
    }

    protected static void AddRest(List<Segment> segments, int previousEnd, int length)
    {
        if (length > previousEnd)
            segments.Add(new Segment(previousEnd, length, false));
    }
}

/// <summary>One fixed string.</summary>
internal sealed class LiteralPattern(string literal) : TextPattern
{
    public override void Find(ReadOnlySpan<char> text, List<Segment> segments)
    {
        var end = 0;
        while (literal.Length > 0 && text[end..].IndexOf(literal) is >= 0 and var offset)
            end = AddMatch(segments, end, end + offset, end + offset + literal.Length);
        AddRest(segments, end, text.Length);
    }

    public override string Replace(string text, string content) =>
        literal.Length == 0 ? text : text.Replace(literal, content, StringComparison.Ordinal);
}

/// <summary>Single characters of some kind.</summary>
internal sealed class CharacterPattern(Func<Rune, bool> matches) : TextPattern
{
    /// <summary>Any digit or number sign: the categories Nd, Nl and No.</summary>
    public static CharacterPattern Number { get; } = new(Rune.IsNumber);

    public static CharacterPattern WhiteSpace { get; } = new(Rune.IsWhiteSpace);

    /// <summary>The categories P*, and the ASCII signs that Unicode counts as symbols.</summary>
    public static CharacterPattern Punctuation { get; } =
        new(rune => Rune.IsPunctuation(rune) || (rune.IsAscii && Rune.IsSymbol(rune)));

    public override void Find(ReadOnlySpan<char> text, List<Segment> segments)
    {
        int end = 0, position = 0;
        while (position < text.Length)
        {
            Rune.DecodeFromUtf16(text[position..], out var rune, out var length);
            if (matches(rune))
                end = AddMatch(segments, end, position, position + length);
            position += length;
        }
        AddRest(segments, end, text.Length);
    }
}
