namespace StreamCore.Scheduler.Grammar;

/// <summary>
/// A tokenizer's tokens as grammars see them: their bytes as a tree. Made once for each tokenizer (some 0.2 s for 150,000 tokens);
/// immutable but for the masks of the inside of strings, which it keeps for all grammars. Safe for many threads.
/// </summary>
public sealed class GrammarVocabulary
{
    private readonly bool[] _single = new bool[256];
    private readonly StateMask?[] _textMasks = new StateMask?[64];

    public GrammarVocabulary(ITokenizer tokenizer)
    {
        Size = tokenizer.VocabularySize;
        Texts = new byte[Size][];
        var items = new List<TokenTrie.Item>(Size);
        for (var id = 0; id < Size; id++)
        {
            var bytes = tokenizer.Bytes(id);
            if (bytes.IsEmpty || tokenizer.IsSpecial(id)) continue;
            var text = bytes.ToArray();
            Texts[id] = text;
            items.Add(new(text, id, 0));
            if (bytes.Length == 1) _single[bytes[0]] = true;
        }

        Trie = new(items);
    }

    /// <summary>One more than the largest token id.</summary>
    public int Size { get; }

    /// <summary>64-bit words of a mask.</summary>
    internal int WordCount => (Size + 63) / 64;

    internal TokenTrie Trie { get; }

    /// <summary>The bytes of each token; null for those without text.</summary>
    internal byte[]?[] Texts { get; }

    /// <summary>Whether a token is this byte alone. Where all bytes of a grammar are tokens, no text of it is out of reach.</summary>
    internal bool Has(byte value) => _single[value];

    /// <summary>The mask of a state of the rule of strings, which is the same in every grammar.</summary>
    internal ref StateMask? TextMask(int state) => ref _textMasks[state];
}
