using System.Text;
using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.Host.Endpoints;

/// <summary>A prompt as it is given back before its answers (<c>echo</c>).</summary>
internal sealed class PromptEcho
{
    private readonly ITokenizer _tokenizer;
    private readonly int[] _tokens;

    /// <param name="text">The prompt's text; null when it came as tokens.</param>
    public PromptEcho(ITokenizer tokenizer, int[] tokens, string? text)
    {
        _tokenizer = tokenizer;
        _tokens = tokens;
        Text = text is null ? TokenText.Join(tokenizer, tokens, special: false) : Encoding.UTF8.GetBytes(text);
        CharacterCount = new CharacterCount(0).Before(Text, Text.Length);
    }

    /// <summary>UTF-8.</summary>
    public byte[] Text { get; }

    public int CharacterCount { get; }

    /// <summary>The logprobs of the prompt's tokens, the first of which has none.</summary>
    public TokenLogprobs[] Logprobs(WireLogprobs wire, LogprobRows rows)
    {
        var characters = new CharacterCount(0);
        var strips = _tokenizer.StripsLeadingSpace;
        var place = 0;
        var tokens = new TokenLogprobs[_tokens.Length];
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = wire.Of(rows, i, characters.Before(Text, place));
            var bytes = _tokenizer.Bytes(_tokens[i]);
            place += strips && bytes.StartsWith(" "u8) ? bytes.Length - 1 : bytes.Length;
            strips &= bytes.IsEmpty;
        }

        return tokens;
    }
}
