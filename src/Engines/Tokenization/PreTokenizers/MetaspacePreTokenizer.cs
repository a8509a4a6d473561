using StreamCore.Engines.Tokenization.Patterns;

namespace StreamCore.Engines.Tokenization.PreTokenizers;

/// <summary>Which pieces get the replacement character before them.</summary>
internal enum PrependScheme
{
    Always,

    /// <summary>Only the piece that begins the text.</summary>
    First,
    Never,
}

/// <summary>Writes spaces as a visible character, and splits before each where asked.</summary>
internal sealed class MetaspacePreTokenizer(char replacement, PrependScheme scheme, bool split) : IPreTokenizer
{
    private readonly SplitPreTokenizer? _split = split
        ? new SplitPreTokenizer(new LiteralPattern(replacement.ToString()), SplitBehavior.MergedWithNext, invert: false)
        : null;

    public void Apply(List<Piece> pieces, List<Piece> output)
    {
        var rewritten = _split is null ? output : new List<Piece>(pieces.Count);
        foreach (var piece in pieces)
            rewritten.Add(piece with { Text = Rewrite(piece) });
        _split?.Apply(rewritten, output);
    }

    private char[] Rewrite(Piece piece)
    {
        var text = piece.Text.Span;
        var prepends = text[0] != replacement && text[0] != ' '
            && (scheme == PrependScheme.Always || (scheme == PrependScheme.First && piece.AtStart));
        var rewritten = new char[text.Length + (prepends ? 1 : 0)];
        rewritten[0] = replacement;
        text.Replace(rewritten.AsSpan(prepends ? 1 : 0), ' ', replacement);
        return rewritten;
    }
}
