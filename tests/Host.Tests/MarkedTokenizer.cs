using StreamCore.Scheduler;
using StreamCore.TestKit;

namespace StreamCore.Host.Tests;

/// <summary>The scripted tokenizer, with tokens of their own for markers of reasoning, a special one for calls, and one that is text and
/// the beginning of a marker.</summary>
internal sealed class MarkedTokenizer : ITokenizer
{
    public const int ThinkToken = 280;
    public const int EndThinkToken = 281;
    public const int CallsToken = 282;
    public const int MixedToken = 283;

    private readonly ScriptedTokenizer _inner = new();

    public int VocabularySize => MixedToken + 1;

    public bool StripsLeadingSpace => false;

    public int[] Encode(string text, bool special)
    {
        var marker = special ? text.IndexOf("</think>", StringComparison.Ordinal) : -1;
        return marker < 0
            ? _inner.Encode(text, special)
            : [.. _inner.Encode(text[..marker], special), EndThinkToken, .. Encode(text[(marker + "</think>".Length)..], special)];
    }

    public ReadOnlySpan<byte> Bytes(int id) => id switch
    {
        ThinkToken => "<think>"u8,
        EndThinkToken => "</think>"u8,
        MixedToken => "o.\n[TOOL"u8,
        _ => _inner.Bytes(id),
    };

    public ReadOnlySpan<byte> Spelling(int id) => id == CallsToken ? "[TOOL_CALLS]"u8 : id >= ThinkToken ? Bytes(id) : _inner.Spelling(id);

    public bool IsSpecial(int id) => id == CallsToken || _inner.IsSpecial(id);

    public bool TryGetId(string token, out int id)
    {
        id = token switch
        {
            "<think>" => ThinkToken,
            "</think>" => EndThinkToken,
            "[TOOL_CALLS]" => CallsToken,
            _ => -1,
        };
        return id >= 0 || _inner.TryGetId(token, out id);
    }
}
