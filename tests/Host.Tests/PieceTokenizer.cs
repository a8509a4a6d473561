using StreamCore.Scheduler;
using StreamCore.TestKit;

namespace StreamCore.Host.Tests;

/// <summary>The scripted tokenizer, whose last tokens add whatever bytes the test says: a text can be cut into tokens anywhere.</summary>
internal sealed class PieceTokenizer : ITokenizer
{
    private const int FirstPiece = 272;
    private const int MaxPieces = 300 - FirstPiece;

    private readonly ScriptedTokenizer _inner = new();
    private byte[][] _pieces = [];

    public int VocabularySize => FirstPiece + MaxPieces;

    public bool StripsLeadingSpace => false;

    /// <summary>The text as tokens of random lengths, single bytes among them. Earlier cuts are forgotten.</summary>
    public int[] Cut(byte[] text, Random random)
    {
        var longest = random.Next(1, 12);
        var pieces = new List<byte[]>();
        var tokens = new List<int>();
        for (var at = 0; at < text.Length;)
        {
            var length = pieces.Count < MaxPieces ? Math.Min(random.Next(1, longest + 1), text.Length - at) : 1;
            tokens.Add(length == 1 ? text[at] : FirstPiece + pieces.Count);
            if (length > 1) pieces.Add(text[at..(at + length)]);
            at += length;
        }

        _pieces = [.. pieces];
        return [.. tokens];
    }

    public int[] Encode(string text, bool special) => _inner.Encode(text, special);

    public ReadOnlySpan<byte> Bytes(int id) => id >= FirstPiece && id - FirstPiece < _pieces.Length ? _pieces[id - FirstPiece] : _inner.Bytes(id);

    public ReadOnlySpan<byte> Spelling(int id) => IsSpecial(id) ? _inner.Spelling(id) : Bytes(id);

    public bool IsSpecial(int id) => _inner.IsSpecial(id);

    public bool TryGetId(string token, out int id) => _inner.TryGetId(token, out id);
}
