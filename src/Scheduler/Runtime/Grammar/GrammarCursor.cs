using StreamCore.Protocol.Grammar;

namespace StreamCore.Scheduler.Grammar;

/// <summary>
/// Where one generation stands in its grammar. Allocates only to grow, and when a state is met that no generation met before.
/// Cheap to copy, for tokens that may be taken back. One thread.
/// </summary>
public sealed class GrammarCursor
{
    private readonly TokenGrammar _grammar;
    private readonly GrammarTables _tables;
    private readonly GrammarWalk _walk;
    private bool _skipsSpace;

    /// <param name="stripsLeadingSpace">The text loses a space at its beginning (<see cref="ITokenizer.StripsLeadingSpace"/>), which may
    /// come before what the grammar says.</param>
    public GrammarCursor(TokenGrammar grammar, bool stripsLeadingSpace = false)
    {
        (_grammar, _tables, _skipsSpace) = (grammar, grammar.Tables, stripsLeadingSpace);
        _walk = new(_tables);
    }

    /// <summary>Whether the text may end here.</summary>
    public bool IsAccepting => _walk.TryEnd(out _);

    /// <summary>Stands where the other stands, which has the same grammar.</summary>
    public void CopyFrom(GrammarCursor other)
    {
        if (other._grammar != _grammar) throw new ArgumentException("The cursors have different grammars.", nameof(other));
        _walk.CopyFrom(other._walk);
        _skipsSpace = other._skipsSpace;
    }

    /// <summary>Goes on by a token. False, and nothing changes, when it is not allowed.</summary>
    public bool TryAdvance(int token) =>
        (uint)token < (uint)_grammar.Vocabulary.Size && _grammar.Vocabulary.Texts[token] is { } text && TryAdvance(text);

    /// <summary>Goes on by the bytes of a token.</summary>
    public bool TryAdvance(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return false;
        var rest = _skipsSpace && text[0] == ' ' ? text[1..] : text;
        foreach (var value in rest)
        {
            if (_walk.TryRead(value)) continue;
            _walk.Return(0);
            return false;
        }

        _walk.Settle();
        _skipsSpace = false;
        return true;
    }

    /// <summary>Sets the bit of every token that may come next, and clears all others: token t is bit t % 64 of word t / 64.</summary>
    public void FillMask(Span<ulong> mask)
    {
        mask.Clear();
        for (var i = 0; i < _walk.PlacesOf(0).Length; i++)
        {
            var place = _walk.PlacesOf(0)[i];
            if (_skipsSpace) AddTree(_grammar.Vocabulary.Trie, place, mask, default);
            else Add(place, mask);
        }
    }

    private void Add(Place place, Span<ulong> mask)
    {
        var frames = _walk.Frames;
        if (_tables.Accepts[place.State] && place.Frame != 0)
        {
            for (var link = frames.FirstLink(place.Frame); link != 0; link = frames.NextLink(link))
                Add(new(frames.Return(place.Frame), frames.Below(link), 0, 0), mask);
        }

        var known = _grammar.Mask(place.State);
        if (frames.Depth(place.Frame) + known.Need > _tables.MaxNesting)
        {
            AddTree(_grammar.Vocabulary.Trie, place, mask, default);
            return;
        }

        known.AddTo(mask, place.Maximum);
        if (known.Remainders is null || place.Frame == 0) return;
        for (var link = frames.FirstLink(place.Frame); link != 0; link = frames.NextLink(link))
            AddTree(known.Remainders, new(frames.Return(place.Frame), frames.Below(link), 0, 0), mask, place);
    }

    /// <summary>Adds the tokens of the tree that can be read from the place to their ends. Where <paramref name="before"/> is in a string,
    /// the characters of it that a token had before its text in the tree must be neither too few nor too many.</summary>
    private void AddTree(TokenTrie trie, Place from, Span<ulong> mask, Place before)
    {
        _walk.Return(0);
        _walk.Enter(from);
        Add(trie.Entries(0), mask, before);
        for (var node = 1; node < trie.NodeCount;)
        {
            _walk.Return(trie.Depth(node));
            var isSkipped = _skipsSpace && trie.Depth(node) == 1 && trie.Byte(node) == ' ';
            if (isSkipped) _walk.Stay();
            else if (!_walk.TryRead(trie.Byte(node)))
            {
                node = trie.End(node);
                continue;
            }

            Add(trie.Entries(node), mask, before);
            node++;
        }

        _walk.Return(0);
    }

    private void Add(ReadOnlySpan<TokenTrie.Entry> entries, Span<ulong> mask, Place before)
    {
        var isCounted = before.State < _tables.TextStateCount && before.Frame != 0;
        foreach (var entry in entries)
        {
            if (isCounted && (entry.Characters < before.Minimum || entry.Characters > before.Maximum)) continue;
            mask[entry.Token >> 6] |= 1UL << entry.Token;
        }
    }
}
