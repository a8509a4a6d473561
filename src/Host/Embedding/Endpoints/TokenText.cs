using System.Buffers;
using StreamCore.Scheduler;

namespace StreamCore.Host.Endpoints;

/// <summary>The text of tokens.</summary>
internal static class TokenText
{
    /// <summary>The joined bytes of a whole text's tokens.</summary>
    /// <param name="special">Special tokens show as they are spelled.</param>
    public static byte[] Join(ITokenizer tokenizer, ReadOnlySpan<int> tokens, bool special)
    {
        var text = new ArrayBufferWriter<byte>(tokens.Length * 4 + 1);
        foreach (var token in tokens) text.Write(special ? tokenizer.Spelling(token) : tokenizer.Bytes(token));
        var bytes = text.WrittenSpan;
        return [.. tokenizer.StripsLeadingSpace && bytes.StartsWith(" "u8) ? bytes[1..] : bytes];
    }
}
