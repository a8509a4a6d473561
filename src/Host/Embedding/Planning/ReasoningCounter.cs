using System.Text;
using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.Host.Planning;

/// <summary>
/// Counts the tokens of one generation's reasoning, its markers included, as they are drawn: deltas of text may hold several tokens,
/// and text that is tokenized again need not give the same ones. It looks for the markers where <see cref="AnswerScanner"/> does, since
/// tokens may hold parts of them. A token counts when a part of it does. Changes no logits.
/// </summary>
internal sealed class ReasoningCounter : ILogitsRule
{
    private static readonly byte[] Opening = Encoding.UTF8.GetBytes(AnswerSyntax.ReasoningOpening);
    private static readonly byte[] Closing = Encoding.UTF8.GetBytes(AnswerSyntax.ReasoningClosing);

    private readonly ITokenizer _tokenizer;
    private readonly bool _showsSpecialTokens;
    private State _state;
    private int _matched; // bytes of the marker that is looked for
    private int _begun; // tokens that count if the opening marker goes on
    private int _missing; // bytes of the last character
    private int _count;

    /// <param name="showsSpecialTokens">Whether the answer's text has the spellings of special tokens.</param>
    public ReasoningCounter(ITokenizer tokenizer, AnswerSyntax syntax, bool showsSpecialTokens)
    {
        _tokenizer = tokenizer;
        _showsSpecialTokens = showsSpecialTokens;
        _state = !syntax.HasReasoning || syntax.ContinuesText ? State.Over
            : syntax.StartsInReasoning ? State.Reasoning
            : State.Start;
    }

    private enum State { Start, Reasoning, Over }

    /// <summary>Tokens so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether the next token is reasoning, and the last one did not break off within a character.</summary>
    public bool IsBetweenThoughts => _state == State.Reasoning && _missing == 0;

    public void Apply(Span<float> logits) { }

    public void Accept(int token)
    {
        if (_state == State.Over) return;
        var isReasoning = false;
        foreach (var value in _showsSpecialTokens ? _tokenizer.Spelling(token) : _tokenizer.Bytes(token)) isReasoning |= IsReasoning(value);
        if (isReasoning)
        {
            Volatile.Write(ref _count, _count + _begun + 1);
            _begun = 0;
        }
        else if (_matched > 0) _begun++;
    }

    /// <summary>Whether the text's next byte is reasoning, or the last one of its opening marker.</summary>
    private bool IsReasoning(byte value)
    {
        var wasReasoning = _state == State.Reasoning;
        if (wasReasoning) Think(value);
        else if (_state == State.Start) Open(value);
        return wasReasoning || _state == State.Reasoning;
    }

    /// <summary>White space may come before the marker; after anything else it would not be one.</summary>
    private void Open(byte value)
    {
        if (value == Opening[_matched]) _matched++;
        else if (_matched > 0 || !" \n\r\t"u8.Contains(value)) _state = State.Over;
        if (_matched < Opening.Length) return;
        _matched = 0;
        _state = State.Reasoning;
    }

    private void Think(byte value)
    {
        // Only its first byte begins the marker again.
        _matched = value == Closing[_matched] ? _matched + 1 : value == Closing[0] ? 1 : 0;
        if (_matched == Closing.Length) _state = State.Over;
        _missing = value switch
        {
            >= 0x80 and < 0xC0 => Math.Max(0, _missing - 1),
            >= 0xC2 and < 0xE0 => 1,
            >= 0xE0 and < 0xF0 => 2,
            >= 0xF0 and < 0xF5 => 3,
            _ => 0,
        };
    }
}
