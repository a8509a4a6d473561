using System.Buffers;
using System.Globalization;
using System.Text;

namespace StreamCore.Engines.Tokenization.AddedTokens;

/// <summary>A stretch of the text: an added token's id, or -1 for text between.</summary>
internal readonly record struct Stretch(int Start, int Length, int Id);

/// <summary>Finds added tokens in a text: leftmost first, the longest of those that start at one place.</summary>
internal sealed class AddedTokenMatcher
{
    // A trie: (node, next character) to node. Node 0 is the root.
    private readonly Dictionary<(int Node, char Next), int> _edges = [];
    private readonly List<AddedToken?> _ends = [null];
    private readonly SearchValues<char> _firsts;

    public AddedTokenMatcher(IEnumerable<(string Spelling, AddedToken Token)> tokens)
    {
        var firsts = new HashSet<char>();
        foreach (var (spelling, token) in tokens)
        {
            if (spelling.Length == 0)
                continue;
            firsts.Add(spelling[0]);
            _ends[Insert(spelling)] = token;
        }
        _firsts = SearchValues.Create([.. firsts]);
    }

    /// <summary>Cuts the whole text into tokens and what lies between them.</summary>
    public void Find(ReadOnlySpan<char> text, List<Stretch> stretches)
    {
        int done = 0, position = 0;
        while (text[position..].IndexOfAny(_firsts) is >= 0 and var offset)
        {
            position += offset;
            var (token, end) = Longest(text, position);
            if (token is null)
            {
                position++;
                continue;
            }
            var start = position;
            position = end;
            if (token.SingleWord && (IsWordBefore(text[..start]) || IsWordAfter(text[end..])))
                continue;
            if (token.StripsLeft)
                start = Math.Max(done, text[..start].TrimEnd().Length);
            if (token.StripsRight)
                position = text.Length - text[end..].TrimStart().Length;
            if (start > done)
                stretches.Add(new Stretch(done, start - done, -1));
            stretches.Add(new Stretch(start, position - start, token.Id));
            done = position;
        }
        if (done < text.Length)
            stretches.Add(new Stretch(done, text.Length - done, -1));
    }

    private int Insert(string spelling)
    {
        var node = 0;
        foreach (var c in spelling)
        {
            if (!_edges.TryGetValue((node, c), out var next))
            {
                next = _ends.Count;
                _ends.Add(null);
                _edges.Add((node, c), next);
            }
            node = next;
        }
        return node;
    }

    private (AddedToken? Token, int End) Longest(ReadOnlySpan<char> text, int start)
    {
        AddedToken? longest = null;
        int node = 0, end = start;
        for (var i = start; i < text.Length && _edges.TryGetValue((node, text[i]), out node); i++)
        {
            if (_ends[node] is not { } token)
                continue;
            longest = token;
            end = i + 1;
        }
        return (longest, end);
    }

    private static bool IsWordBefore(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool IsWordAfter(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or
        UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;
}
