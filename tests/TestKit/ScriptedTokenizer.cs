using System.Text;
using StreamCore.Scheduler;

namespace StreamCore.TestKit;

/// <summary>
/// A token for every byte (ids 0 to 255), three special tokens, and a few pieces of several bytes, some of which begin or end in
/// the middle of a character.
/// </summary>
public sealed class ScriptedTokenizer(bool stripsLeadingSpace = false) : ITokenizer
{
    public const int EndToken = 256;
    public const int UserToken = 257;
    public const int AssistantToken = 258;

    private static readonly string[] Special = ["<|end|>", "<|user|>", "<|assistant|>"];

    private static readonly byte[][] Pieces =
    [
        [.. "the "u8], [.. "stop"u8], [.. "é"u8], [.. "日本"u8], [.. " wörld"u8],
        [0xF0, 0x9F], [0x98, 0x80], [0xE6, 0x97], [0xA5, .. "x"u8], [0xFF], [.. "\n\n"u8], [.. "ab"u8], [.. "abab"u8],
    ];

    private static readonly byte[][] Bytes256 = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];

    public int VocabularySize => FirstPiece + Pieces.Length;

    public bool StripsLeadingSpace => stripsLeadingSpace;

    private static int FirstPiece => EndToken + Special.Length;

    public int[] Encode(string text, bool special)
    {
        var tokens = new List<int>();
        while (text.Length > 0)
        {
            var found = special ? Array.FindIndex(Special, name => text.StartsWith(name, StringComparison.Ordinal)) : -1;
            var length = found >= 0 ? Special[found].Length : text.Length > 1 && char.IsSurrogatePair(text, 0) ? 2 : 1;
            if (found >= 0) tokens.Add(EndToken + found);
            else tokens.AddRange(Encoding.UTF8.GetBytes(text[..length]).Select(value => (int)value));
            text = text[length..];
        }

        return [.. tokens];
    }

    public ReadOnlySpan<byte> Bytes(int id) =>
        id < 256 ? Bytes256[id]
        : id >= FirstPiece && id < VocabularySize ? Pieces[id - FirstPiece]
        : [];

    public ReadOnlySpan<byte> Spelling(int id) => IsSpecial(id) ? Encoding.UTF8.GetBytes(Special[id - EndToken]) : Bytes(id);

    public bool IsSpecial(int id) => id is >= EndToken and < EndToken + 3;

    public bool TryGetId(string token, out int id)
    {
        id = Array.IndexOf(Special, token);
        if (id >= 0) id += EndToken;
        else if (Encoding.UTF8.GetBytes(token) is [var single]) id = single;
        else id = Array.FindIndex(Pieces, piece => piece.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(token))) is var piece and >= 0
            ? FirstPiece + piece : -1;
        return id >= 0;
    }
}
