namespace StreamCore.Engines.Tokenization.Bpe;

/// <summary>
/// The tokens of words seen lately. A fixed number of places, one for each word by its hash; a new word takes the place of
/// the old. Safe for many threads without a lock: an entry never changes and is replaced whole.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longer words are rare enough not to be kept.</summary>
    public const int MaxWordLength = 64;

    // 2^14 words, some two megabytes when full.
    private readonly Entry?[] _places = new Entry?[1 << 14];

    public bool TryGet(ReadOnlySpan<char> word, out ReadOnlySpan<int> tokens)
    {
        if (_places[PlaceOf(word)] is { } entry && word.SequenceEqual(entry.Word))
        {
            tokens = entry.Tokens;
            return true;
        }
        tokens = default;
        return false;
    }

    public void Add(ReadOnlySpan<char> word, ReadOnlySpan<int> tokens) =>
        _places[PlaceOf(word)] = new Entry(word.ToString(), tokens.ToArray());

    private int PlaceOf(ReadOnlySpan<char> word) => string.GetHashCode(word) & (_places.Length - 1);

    private sealed record Entry(string Word, int[] Tokens);
}
