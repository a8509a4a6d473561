using System.Text;
using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.Host.Planning;

/// <summary>
/// Ends one generation's reasoning when it has spent its budget: the closing marker is all that may be drawn then, token by token, and
/// the answer goes on after it. The random stream is that of the places, so the same seed still gives the same text.
/// </summary>
/// <param name="counter">Counts the same generation's reasoning.</param>
/// <param name="maxTokens">Ends it when so many are counted.</param>
/// <param name="ending">From <see cref="Ending"/>.</param>
internal sealed class ReasoningLimit(ReasoningCounter counter, int maxTokens, int[] ending) : ILogitsRule
{
    private int _drawn; // of the ending
    private bool _isEnding;

    /// <summary>The tokens that end reasoning, as models write it; null when the tokenizer cannot write that.</summary>
    public static int[]? Ending(ITokenizer tokenizer)
    {
        var text = $"\n{AnswerSyntax.ReasoningClosing}\n\n";
        var tokens = tokenizer.Encode(text, special: true);
        // The space that belongs to the beginning of texts only.
        if (tokenizer.StripsLeadingSpace && tokens.Length > 0 && tokenizer.Bytes(tokens[0]).SequenceEqual(" "u8)) tokens = tokens[1..];
        var bytes = tokens.SelectMany(token => tokenizer.Bytes(token).ToArray());
        return bytes.SequenceEqual(Encoding.UTF8.GetBytes(text)) ? tokens : null;
    }

    public void Apply(Span<float> logits)
    {
        // A character that was begun is not broken off: a grammar would not have it, and a text cannot.
        _isEnding = _drawn > 0 ? _drawn < ending.Length : counter.Count >= maxTokens && counter.IsBetweenThoughts;
        if (!_isEnding) return;
        logits.Fill(float.NegativeInfinity);
        logits[ending[_drawn]] = 0;
    }

    public void Accept(int token)
    {
        if (_isEnding) _drawn++;
    }
}
