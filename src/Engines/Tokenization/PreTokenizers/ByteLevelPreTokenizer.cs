using System.Text;
using StreamCore.Engines.Tokenization.Decoding;
using StreamCore.Engines.Tokenization.Patterns;

namespace StreamCore.Engines.Tokenization.PreTokenizers;

/// <summary>Writes each byte of the UTF-8 text as one visible character, after GPT-2's split where asked.</summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useRegex) : IPreTokenizer
{
    private readonly SplitPreTokenizer? _split =
        useRegex ? new SplitPreTokenizer(new RegexPattern(KnownPatterns.Gpt2), SplitBehavior.Isolated, invert: false) : null;

    public void Apply(List<Piece> pieces, List<Piece> output)
    {
        if (addPrefixSpace)
            pieces = Prefixed(pieces);
        if (_split is not null)
        {
            var words = new List<Piece>();
            _split.Apply(pieces, words);
            pieces = words;
        }
        Spell(pieces, output);
    }

    private static List<Piece> Prefixed(List<Piece> pieces)
    {
        var prefixed = new List<Piece>(pieces.Count);
        foreach (var piece in pieces)
        {
            prefixed.Add(piece.Text.Span[0] == ' '
                ? piece
                : piece with { Text = string.Concat(" ", piece.Text.Span).AsMemory() });
        }
        return prefixed;
    }

    /// <summary>All pieces into one buffer: a short string for each word would be most of the work.</summary>
    private static void Spell(List<Piece> pieces, List<Piece> output)
    {
        var bytes = 0;
        foreach (var piece in pieces)
            bytes += Encoding.UTF8.GetByteCount(piece.Text.Span);
        var spelled = new char[bytes];
        var position = 0;
        output.EnsureCapacity(output.Count + pieces.Count);
        foreach (var piece in pieces)
        {
            var length = ByteAlphabet.Spell(piece.Text.Span, spelled.AsSpan(position));
            output.Add(piece with { Text = spelled.AsMemory(position, length) });
            position += length;
        }
    }
}
