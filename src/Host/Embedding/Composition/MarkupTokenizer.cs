using System.Collections.Frozen;
using System.Text;
using StreamCore.Scheduler;

namespace StreamCore.Host.Composition;

/// <summary>
/// A tokenizer whose special tokens for markup (<c>[TOOL_CALLS]</c>, <c>&lt;|python_tag|&gt;</c>) add their spellings to the text, so that
/// what they mark can be told apart from it. Other special tokens still add nothing.
/// </summary>
internal sealed class MarkupTokenizer : ITokenizer
{
    private readonly ITokenizer _inner;
    private readonly FrozenDictionary<int, byte[]> _shown;

    private MarkupTokenizer(ITokenizer inner, FrozenDictionary<int, byte[]> shown)
    {
        _inner = inner;
        _shown = shown;
    }

    public int VocabularySize => _inner.VocabularySize;

    public bool StripsLeadingSpace => _inner.StripsLeadingSpace;

    /// <summary>The tokenizer itself where none of these markers is a special token of it.</summary>
    public static ITokenizer Over(ITokenizer tokenizer, IEnumerable<string> markers)
    {
        var shown = new Dictionary<int, byte[]>();
        foreach (var marker in markers)
        {
            if (tokenizer.TryGetId(marker, out var id) && tokenizer.IsSpecial(id)) shown[id] = Encoding.UTF8.GetBytes(marker);
        }

        return shown.Count == 0 ? tokenizer : new MarkupTokenizer(tokenizer, shown.ToFrozenDictionary());
    }

    public int[] Encode(string text, bool special) => _inner.Encode(text, special);

    public ReadOnlySpan<byte> Bytes(int id) => _shown.TryGetValue(id, out var bytes) ? bytes : _inner.Bytes(id);

    public ReadOnlySpan<byte> Spelling(int id) => _inner.Spelling(id);

    public bool IsSpecial(int id) => _inner.IsSpecial(id);

    public bool TryGetId(string token, out int id) => _inner.TryGetId(token, out id);
}
