using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using StreamCore.Protocol.Grammar;

namespace StreamCore.Scheduler.Grammar;

/// <summary>
/// A grammar over a vocabulary: which tokens may come in each of its states. Shared by all generations of one format; what was found
/// out for one state is kept. Safe for many threads.
/// </summary>
public sealed class TokenGrammar
{
    private const int ManyCharacters = 1 << 30;

    private readonly StateMask?[] _masks;

    private TokenGrammar(GrammarTables tables, GrammarVocabulary vocabulary)
    {
        (Tables, Vocabulary) = (tables, vocabulary);
        _masks = new StateMask?[tables.StateCount];
    }

    public GrammarTables Tables { get; }

    public GrammarVocabulary Vocabulary { get; }

    /// <summary>
    /// False when the grammar needs a byte that is no token by itself: there might be no way on in the middle of a text.
    /// </summary>
    public static bool TryCreate(
        GrammarTables tables, GrammarVocabulary vocabulary, [NotNullWhen(true)] out TokenGrammar? grammar, out byte missing)
    {
        grammar = null;
        for (var value = 0; value < 256; value++)
        {
            missing = (byte)value;
            if (tables.Bytes[value] && !vocabulary.Has(missing)) return false;
        }

        missing = 0;
        grammar = new(tables, vocabulary);
        return true;
    }

    /// <summary>Makes the masks of all states now, each in up to some milliseconds, so that no token has to wait for one; those that are not made in time are made when they are needed.</summary>
    public void Prepare(TimeSpan atMost)
    {
        var start = Stopwatch.GetTimestamp();
        for (var state = 0; state < Tables.StateCount && Stopwatch.GetElapsedTime(start) < atMost; state++) Mask(state);
    }

    /// <summary>The mask of a state; made when first asked for, in up to some milliseconds.</summary>
    internal StateMask Mask(int state)
    {
        ref var mask = ref (state < Tables.TextStateCount ? ref Vocabulary.TextMask(state) : ref _masks[state]);
        var known = Volatile.Read(ref mask);
        if (known is not null) return known;
        var made = Make(state); // two threads may make it at once: the same twice
        Volatile.Write(ref mask, made);
        return made;
    }

    private StateMask Make(int state)
    {
        var walk = new GrammarWalk(Tables) { MaxDepth = int.MaxValue / 2 };
        walk.Start(new(state, 0, 0, ManyCharacters));
        var trie = Vocabulary.Trie;
        var isText = state < Tables.TextStateCount;
        var tokens = new List<TokenTrie.Entry>();
        var remainders = new List<TokenTrie.Item>();
        for (var node = 1; node < trie.NodeCount;)
        {
            walk.Return(trie.Depth(node) - 1);
            if (!walk.TryRead(trie.Byte(node)))
            {
                node = trie.End(node);
                continue;
            }

            var hasEnded = walk.TryEnd(out var ended);
            if (hasEnded) AddRemainders(trie, node, ended, remainders);
            foreach (var entry in trie.Entries(node))
            {
                // A string's last token also needs the least characters: it is looked at with the remainders, of which it has none.
                if (isText && hasEnded) remainders.Add(new(default, entry.Token, Characters(ended)));
                else tokens.Add(new(entry.Token, isText ? Characters(walk.Places[0]) : 0));
            }

            node++;
        }

        return new(Vocabulary, tokens, remainders, walk.DeepestNeed);
    }

    private static int Characters(Place place) => ManyCharacters - place.Maximum;

    private void AddRemainders(TokenTrie trie, int node, Place ended, List<TokenTrie.Item> remainders)
    {
        var characters = ended.State < Tables.TextStateCount ? Characters(ended) : 0;
        foreach (var entry in trie.Below(node))
            remainders.Add(new(Vocabulary.Texts[entry.Token].AsMemory(trie.Depth(node)), entry.Token, characters));
    }
}
