using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.Host.Endpoints;

/// <summary>
/// The logprobs of a chat answer's content: of each token the part that is content, so that the tokens spell it. Tokens of reasoning,
/// of calls and of markup are left out, and those that add no text. What is told does not depend on how the answer was cut.
/// </summary>
internal sealed class ContentLogprobs(WireLogprobs wire, Generation answer)
{
    private readonly List<(int Start, int End)> _content = []; // of the answer's text, in bytes; no two touch
    private int _next; // the first token that has not been looked at

    /// <summary>A piece of the answer turned out to be content, and what is before it and is none will not.</summary>
    public void Add(int start, int length)
    {
        if (_content.Count > 0 && _content[^1].End == start) _content[^1] = (_content[^1].Start, start + length);
        else _content.Add((start, start + length));
    }

    /// <summary>The tokens of content that end at this place or before it, each once: all before it is known to be content or not.</summary>
    public TokenLogprobs[] TakeUntil(int place)
    {
        var rows = answer.Logprobs!;
        var tokens = new List<TokenLogprobs>();
        for (var told = answer.ToldLogprobs; _next < told && rows.TextEnd(_next) <= place; _next++)
        {
            var (start, end) = (rows.TextStart(_next), rows.TextEnd(_next));
            var part = ContentWithin(start, end);
            if (part.Length == 0) continue;
            var token = wire.Of(rows, _next, textOffset: 0);
            tokens.Add(part.Length == end - start ? token : new TokenLogprobs(new TokenScore(part, token.Token.Logprob), token.Top, token.TextOffset));
        }

        return [.. tokens];
    }

    /// <summary>The rest, of an answer that has been read to its end.</summary>
    public TokenLogprobs[] TakeRest() => TakeUntil(int.MaxValue);

    private byte[] ContentWithin(int start, int end)
    {
        var text = answer.AllText().Span;
        var part = new List<byte>();
        foreach (var content in _content)
        {
            var (first, last) = (Math.Max(content.Start, start), Math.Min(content.End, end));
            if (first < last) part.AddRange(text[first..last]);
        }

        return [.. part];
    }
}
