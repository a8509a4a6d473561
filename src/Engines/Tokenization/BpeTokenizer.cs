using System.Text;
using StreamCore.Engines.Tokenization.AddedTokens;
using StreamCore.Engines.Tokenization.Bpe;
using StreamCore.Engines.Tokenization.Decoding;
using StreamCore.Engines.Tokenization.Normalizers;
using StreamCore.Engines.Tokenization.PreTokenizers;
using StreamCore.Scheduler;

namespace StreamCore.Engines.Tokenization;

/// <summary>A byte-pair tokenizer, byte-level or with byte fallback, put together from the parts of its tokenizer.json.</summary>
public sealed class BpeTokenizer : ITokenizer
{
    private readonly INormalizer? _normalizer;
    private readonly IPreTokenizer? _preTokenizer;
    private readonly BpeModel _model;
    private readonly Vocabulary _vocabulary;
    private readonly Dictionary<string, int> _addedIds = [];
    private readonly Dictionary<int, byte[]> _special = []; // with their spellings
    private readonly TokenBytes _bytes;

    // In the text as it is: with and without the special tokens. In the normalized text: never special ones.
    private readonly AddedTokenMatcher _allTokens;
    private readonly AddedTokenMatcher _plainTokens;
    private readonly AddedTokenMatcher _normalizedTokens;

    internal BpeTokenizer(
        INormalizer? normalizer, IPreTokenizer? preTokenizer, BpeModel model, Vocabulary vocabulary,
        IReadOnlyList<AddedToken> added, TokenDecoder decoder)
    {
        _normalizer = normalizer;
        _preTokenizer = preTokenizer;
        _model = model;
        _vocabulary = vocabulary;
        foreach (var token in added)
        {
            _addedIds[token.Content] = token.Id;
            if (token.Special)
                _special[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        }
        StripsLeadingSpace = decoder.StripsLeadingSpace;
        VocabularySize = Math.Max(
            vocabulary.Ids.Values.DefaultIfEmpty(-1).Max(), added.Select(token => token.Id).DefaultIfEmpty(-1).Max()) + 1;
        _bytes = BytesOf(added, decoder);

        // A special token is its spelling wherever it stands in a prompt, so it is not left to the normalized text, where
        // a prepended ▁ would hide it.
        var raw = added.Where(token => token.Special || !token.Normalized || normalizer is null).ToList();
        _allTokens = new AddedTokenMatcher(raw.Select(token => (token.Content, token)));
        _plainTokens = new AddedTokenMatcher(raw.Where(token => !token.Special).Select(token => (token.Content, token)));
        _normalizedTokens = new AddedTokenMatcher(
            added.Except(raw).Select(token => (normalizer!.Normalize(token.Content), token)));
    }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public bool StripsLeadingSpace { get; }

    /// <inheritdoc/>
    public bool IsSpecial(int id) => _special.ContainsKey(id);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Bytes(int id) => _bytes[id];

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Spelling(int id) => _special.TryGetValue(id, out var spelling) ? spelling : _bytes[id];

    /// <inheritdoc/>
    public bool TryGetId(string token, out int id) =>
        _addedIds.TryGetValue(token, out id) || _vocabulary.TryGetId(token, out id);

    /// <inheritdoc/>
    public int[] Encode(string text, bool special)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = WithoutLoneSurrogates(text);
        var output = new List<int>(text.Length / 3 + 8);
        var stretches = new List<Stretch>();
        (special ? _allTokens : _plainTokens).Find(text, stretches);
        foreach (var stretch in stretches)
        {
            if (stretch.Id >= 0)
                output.Add(stretch.Id);
            else
                EncodeText(text.Substring(stretch.Start, stretch.Length), stretch.Start == 0, output);
        }
        return [.. output];
    }

    /// <summary>Text between added tokens: normalized, searched for the added tokens that are normalized too, and split.</summary>
    private void EncodeText(string text, bool atStart, List<int> output)
    {
        if (_normalizer is not null)
            text = _normalizer.Normalize(text);
        var stretches = new List<Stretch>();
        _normalizedTokens.Find(text, stretches);
        foreach (var stretch in stretches)
        {
            if (stretch.Id >= 0)
                output.Add(stretch.Id);
            else
                EncodeWords(text.AsMemory(stretch.Start, stretch.Length), atStart && stretch.Start == 0, output);
        }
    }

    private void EncodeWords(ReadOnlyMemory<char> text, bool atStart, List<int> output)
    {
        if (_preTokenizer is null)
        {
            _model.Encode(text.Span, output);
            return;
        }
        var words = new List<Piece>(text.Length / 4 + 1);
        _preTokenizer.Apply([new Piece(text, atStart)], words);
        foreach (var word in words)
            _model.Encode(word.Text.Span, output);
    }

    private TokenBytes BytesOf(IReadOnlyList<AddedToken> added, TokenDecoder decoder)
    {
        var bytes = new byte[]?[VocabularySize];
        foreach (var (spelling, id) in _vocabulary.Ids)
            bytes[id] = decoder.Decode(spelling, added: false);
        foreach (var token in added)
            bytes[token.Id] = token.Special ? null : decoder.Decode(token.Content, added: true);
        return new TokenBytes(bytes);
    }

    /// <summary>Half a surrogate pair has no UTF-8, so it becomes U+FFFD, as any encoder would make it.</summary>
    private static string WithoutLoneSurrogates(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return text;
        var whole = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            whole.Append(rune);
        return whole.ToString();
    }
}
