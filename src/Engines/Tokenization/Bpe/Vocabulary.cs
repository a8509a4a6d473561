namespace StreamCore.Engines.Tokenization.Bpe;

/// <summary>The spellings of a model's tokens, before any added ones.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    // Single characters are looked up for every one of the text, so those of the basic plane have a table.
    private readonly int[] _characters = new int[char.MaxValue + 1];

    public Vocabulary(Dictionary<string, int> ids)
    {
        _ids = ids;
        _lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        Array.Fill(_characters, -1);
        foreach (var (spelling, id) in ids)
        {
            if (spelling.Length == 1)
                _characters[spelling[0]] = id;
        }
    }

    public Dictionary<string, int> Ids => _ids;

    public bool TryGetId(ReadOnlySpan<char> spelling, out int id) => _lookup.TryGetValue(spelling, out id);

    /// <summary>The token that is just this character (one code unit, or the two of a pair), or -1.</summary>
    public int Character(ReadOnlySpan<char> character) =>
        character.Length == 1 ? _characters[character[0]] : _lookup.TryGetValue(character, out var id) ? id : -1;

    /// <summary>The tokens of the 256 bytes, spelled <c>&lt;0xNN&gt;</c>; -1 where there is none.</summary>
    public int[] ByteTokens()
    {
        var tokens = new int[256];
        for (var value = 0; value < 256; value++)
            tokens[value] = _ids.GetValueOrDefault($"<0x{value:X2}>", -1);
        return tokens;
    }

    /// <summary>The code units of the character at the start of a text without lone surrogates.</summary>
    public static int CharacterLength(ReadOnlySpan<char> text) => char.IsHighSurrogate(text[0]) && text.Length > 1 ? 2 : 1;
}
