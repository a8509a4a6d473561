using System.Buffers;
using System.Text;
using StreamCore.Engines.Tokenization.Files;

namespace StreamCore.Engines.Tokenization.Bpe;

/// <summary>Words to tokens by byte-pair encoding. Immutable but for its cache; safe for many threads.</summary>
internal sealed class BpeModel
{
    private const char Space = '\u2581';

    private readonly Vocabulary _vocabulary;
    private readonly MergeTable _merges;
    private readonly BpeOptions _options;
    private readonly WordCache _cache = new();
    private readonly int[]? _bytes;
    private readonly int _unknown = -1;
    private readonly bool _cutsAtSpaces;

    // mergesAcrossSpace: whether some merge joins a token that does not end in ▁ with one that starts with it.
    public BpeModel(Vocabulary vocabulary, MergeTable merges, bool mergesAcrossSpace, BpeOptions options)
    {
        _vocabulary = vocabulary;
        _merges = merges;
        _options = options;
        _bytes = options.ByteFallback ? vocabulary.ByteTokens() : null;
        if (options.UnknownToken is { } unknown && !vocabulary.TryGetId(unknown, out _unknown))
            throw Refusals.Broken($"the unknown token \"{unknown}\" is not in the vocabulary");
        // Where no merge crosses from a character to a ▁ after it, words before such a ▁ are encoded alone: the result is
        // the same, and a prompt that its tokenizer leaves whole (Llama 2) is many short cached words instead of a long one.
        _cutsAtSpaces = !mergesAcrossSpace && !options.IgnoresMerges && options.EndOfWordSuffix.Length == 0
            && vocabulary.TryGetId([Space], out _);
    }

    public void Encode(ReadOnlySpan<char> text, List<int> output)
    {
        while (_cutsAtSpaces && WordLength(text) is var length && length < text.Length)
        {
            EncodeWord(text[..length], output);
            text = text[length..];
        }
        EncodeWord(text, output);
    }

    /// <summary>Up to the first ▁ that follows another character.</summary>
    private static int WordLength(ReadOnlySpan<char> text)
    {
        var letters = text.IndexOfAnyExcept(Space);
        if (letters < 0)
            return text.Length;
        var length = text[letters..].IndexOf(Space);
        return length < 0 ? text.Length : letters + length;
    }

    private void EncodeWord(ReadOnlySpan<char> word, List<int> output)
    {
        if (word.IsEmpty)
            return;
        if (_options.IgnoresMerges && _vocabulary.TryGetId(word, out var whole))
        {
            output.Add(whole);
            return;
        }
        if (word.Length > WordCache.MaxWordLength)
        {
            var rented = ArrayPool<int>.Shared.Rent(word.Length * 3);
            output.AddRange(Merged(word, rented));
            ArrayPool<int>.Shared.Return(rented);
        }
        else if (_cache.TryGet(word, out var known))
        {
            output.AddRange(known);
        }
        else
        {
            var tokens = Merged(word, stackalloc int[WordCache.MaxWordLength * 3]);
            _cache.Add(word, tokens);
            output.AddRange(tokens);
        }
    }

    // The buffer has three places for each code unit: the most UTF-8 bytes that one becomes.
    private ReadOnlySpan<int> Merged(ReadOnlySpan<char> word, Span<int> buffer)
    {
        var characters = Spell(word, buffer);
        return buffer[..Merger.Merge(buffer[..characters], _merges)];
    }

    /// <summary>The tokens of the single characters: what merging starts from.</summary>
    private int Spell(ReadOnlySpan<char> word, Span<int> tokens)
    {
        var count = 0;
        var afterUnknown = false;
        while (!word.IsEmpty)
        {
            var character = word[..Vocabulary.CharacterLength(word)];
            word = word[character.Length..];
            var id = word.IsEmpty && _options.EndOfWordSuffix.Length > 0
                ? LastCharacter(character)
                : _vocabulary.Character(character);
            if (id >= 0)
            {
                tokens[count++] = id;
                afterUnknown = false;
            }
            else if (SpellBytes(character, tokens[count..]) is > 0 and var bytes)
            {
                count += bytes;
                afterUnknown = false;
            }
            else if (_unknown >= 0 && !(afterUnknown && _options.FusesUnknown))
            {
                tokens[count++] = _unknown;
                afterUnknown = true;
            }
        }
        return count;
    }

    private int LastCharacter(ReadOnlySpan<char> character) =>
        _vocabulary.TryGetId(string.Concat(character, _options.EndOfWordSuffix), out var id) ? id : -1;

    /// <summary>All bytes of a character, or none.</summary>
    private int SpellBytes(ReadOnlySpan<char> character, Span<int> tokens)
    {
        if (_bytes is null)
            return 0;
        Span<byte> utf8 = stackalloc byte[4];
        var count = Encoding.UTF8.GetBytes(character, utf8);
        for (var i = 0; i < count; i++)
        {
            tokens[i] = _bytes[utf8[i]];
            if (tokens[i] < 0)
                return 0;
        }
        return count;
    }
}
