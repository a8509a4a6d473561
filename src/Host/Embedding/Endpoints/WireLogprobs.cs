using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.Host.Endpoints;

/// <summary>Logprobs of tokens as the wire names them: with their bytes. Special tokens have their spelling.</summary>
internal sealed class WireLogprobs(ITokenizer tokenizer)
{
    /// <summary>The logprobs of some of an answer's tokens.</summary>
    /// <param name="characters">Counts the characters before each.</param>
    public TokenLogprobs[] OfAnswer(Generation generation, int first, int count, CharacterCount characters)
    {
        var rows = generation.Logprobs!;
        var text = generation.AllText().Span;
        var tokens = new TokenLogprobs[count];
        for (var i = 0; i < count; i++) tokens[i] = Of(rows, first + i, characters.Before(text, rows.TextStart(first + i)));
        return tokens;
    }

    public TokenLogprobs Of(LogprobRows rows, int index, int textOffset)
    {
        var top = rows.Top(index);
        var scores = new TokenScore[top.Length];
        for (var i = 0; i < top.Length; i++) scores[i] = Score(top[i]);
        return new TokenLogprobs(Score(rows.Token(index)), scores, textOffset);
    }

    private TokenScore Score(TokenLogprob token) => new(tokenizer.Spelling(token.Token).ToArray(), token.Logprob);
}
