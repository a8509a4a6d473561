using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.Host.Endpoints;

/// <summary>
/// Counts the tokens of one generation's reasoning, its markers included, as they are drawn: deltas of text may hold several tokens,
/// and text that is tokenized again need not give the same ones. Changes no logits.
/// </summary>
internal sealed class ReasoningCounter : ILogitsRule
{
    private readonly ITokenizer _tokenizer;
    private readonly int _opening;
    private readonly int _closing;
    private State _state;
    private int _count;

    private ReasoningCounter(ITokenizer tokenizer, int opening, int closing, bool startsInReasoning)
    {
        _tokenizer = tokenizer;
        _opening = opening;
        _closing = closing;
        _state = startsInReasoning ? State.Reasoning : State.Start;
    }

    private enum State { Start, Reasoning, Over }

    /// <summary>Tokens so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Null where the model does not reason, or its markers are not tokens of their own and nothing can be counted by them.</summary>
    public static ReasoningCounter? For(ITokenizer tokenizer, AnswerSyntax syntax) =>
        syntax.HasReasoning && tokenizer.TryGetId(AnswerSyntax.ReasoningOpening, out var opening)
        && tokenizer.TryGetId(AnswerSyntax.ReasoningClosing, out var closing)
            ? new ReasoningCounter(tokenizer, opening, closing, syntax.StartsInReasoning)
            : null;

    public void Apply(Span<float> logits) { }

    public void Accept(int token)
    {
        if (_state == State.Start && token != _opening)
        {
            // White space may come before it; after anything else it would not be a marker.
            if (_tokenizer.Bytes(token).IndexOfAnyExcept(" \n\r\t"u8) >= 0) _state = State.Over;
        }
        else if (_state != State.Over)
        {
            Volatile.Write(ref _count, _count + 1);
            _state = token == _closing ? State.Over : State.Reasoning;
        }
    }
}
