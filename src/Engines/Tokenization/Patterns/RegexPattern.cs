using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace StreamCore.Engines.Tokenization.Patterns;

/// <summary>
/// A regular expression of a tokenizer.json, written for Oniguruma, which sees code points. .NET's sees UTF-16 code units,
/// so a text with characters beyond the basic plane is matched through a shadow of it, in which each such character is one
/// code unit of the same general category; the matches are then mapped back.
/// </summary>
internal sealed class RegexPattern : TextPattern
{
    private readonly Regex _regex;

    /// <exception cref="Models.ModelFolderException">The pattern uses something that has no equal here.</exception>
    public RegexPattern(string pattern) =>
        _regex = KnownPatterns.TryGet(pattern, out var known) ? known : OnigurumaSyntax.Compile(pattern);

    public override void Find(ReadOnlySpan<char> text, List<Segment> segments)
    {
        if (text.IndexOfAnyInRange('\uD800', '\uDFFF') >= 0)
        {
            FindInShadow(text, segments);
            return;
        }
        var end = 0;
        foreach (var match in _regex.EnumerateMatches(text))
            end = AddMatch(segments, end, match.Index, match.Index + match.Length);
        AddRest(segments, end, text.Length);
    }

    private void FindInShadow(ReadOnlySpan<char> text, List<Segment> segments)
    {
        var shadow = ArrayPool<char>.Shared.Rent(text.Length);
        var offsets = ArrayPool<int>.Shared.Rent(text.Length + 1);
        var length = 0;
        for (var position = 0; position < text.Length; length++)
        {
            offsets[length] = position;
            Rune.DecodeFromUtf16(text[position..], out var rune, out var units);
            shadow[length] = rune.IsBmp ? (char)rune.Value : StandIns.For(rune);
            position += units;
        }
        offsets[length] = text.Length;

        var end = 0;
        foreach (var match in _regex.EnumerateMatches(shadow.AsSpan(0, length)))
            end = AddMatch(segments, end, offsets[match.Index], offsets[match.Index + match.Length]);
        AddRest(segments, end, text.Length);
        ArrayPool<char>.Shared.Return(shadow);
        ArrayPool<int>.Shared.Return(offsets);
    }
}
