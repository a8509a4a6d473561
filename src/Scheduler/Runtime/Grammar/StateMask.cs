using System.Numerics;

namespace StreamCore.Scheduler.Grammar;

/// <summary>
/// The tokens that may come in one state, as far as its rule alone tells. What goes on after the rule's end is kept as a tree of
/// remainders, to be walked where the rule returns to. Immutable but for masks made when first asked for.
/// </summary>
internal sealed class StateMask
{
    private readonly int _wordCount;
    private readonly int[] _tokens; // few of them, or all by the count of characters
    private readonly int[] _ends; // of those with up to so many characters
    private readonly ulong[]?[] _masks; // by the most characters

    /// <param name="tokens">That stay inside the rule, with the characters of a string that begin in them.</param>
    /// <param name="remainders">What is left of tokens after the rule's end.</param>
    /// <param name="need">Calls that must be allowed above the state's for all this to hold.</param>
    public StateMask(GrammarVocabulary vocabulary, List<TokenTrie.Entry> tokens, List<TokenTrie.Item> remainders, int need)
    {
        _wordCount = vocabulary.WordCount;
        Need = need;
        if (remainders.Count > 0) Remainders = new(remainders);
        foreach (var entry in tokens) MostCharacters = Math.Max(MostCharacters, entry.Characters);
        _tokens = new int[tokens.Count];
        _ends = new int[MostCharacters + 1];
        Order(tokens);
        IsSparse = _tokens.Length <= _wordCount / 2;
        _masks = new ulong[]?[MostCharacters + 1];
        if (IsSparse || MostCharacters > 0) return;
        _masks[0] = Make(0);
        _tokens = []; // the mask has them all
    }

    public int Need { get; }

    public TokenTrie? Remainders { get; }

    private int MostCharacters { get; }

    /// <summary>Few tokens: set one by one they cost less than a whole mask.</summary>
    private bool IsSparse { get; }

    /// <summary>By the count of characters; counted, not compared: there are up to 150,000.</summary>
    private void Order(List<TokenTrie.Entry> tokens)
    {
        foreach (var entry in tokens) _ends[entry.Characters]++;
        for (var i = 1; i < _ends.Length; i++) _ends[i] += _ends[i - 1];
        var next = new int[_ends.Length];
        _ends.AsSpan(0, _ends.Length - 1).CopyTo(next.AsSpan(1));
        foreach (var entry in tokens) _tokens[next[entry.Characters]++] = entry.Token;
    }

    /// <summary>Adds the tokens with at most so many characters of a string.</summary>
    public void AddTo(Span<ulong> mask, int maximum)
    {
        var most = Math.Min(maximum, MostCharacters);
        if (IsSparse)
        {
            foreach (var token in _tokens.AsSpan(0, _ends[most])) mask[token >> 6] |= 1UL << token;
            return;
        }

        Or(_masks[most] ??= Make(most), mask);
    }

    private ulong[] Make(int most)
    {
        var mask = new ulong[_wordCount];
        foreach (var token in _tokens.AsSpan(0, _ends[most])) mask[token >> 6] |= 1UL << token;
        return mask;
    }

    private static void Or(ReadOnlySpan<ulong> more, Span<ulong> mask)
    {
        var i = 0;
        for (; i <= more.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
            (new Vector<ulong>(more[i..]) | new Vector<ulong>(mask[i..])).CopyTo(mask[i..]);
        for (; i < more.Length; i++) mask[i] |= more[i];
    }
}
