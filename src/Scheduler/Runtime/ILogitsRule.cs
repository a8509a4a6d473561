namespace StreamCore.Scheduler;

/// <summary>
/// Changes a generation's logits before its next token is drawn: a grammar's mask. One object serves one
/// generation, on the step loop's thread, after the request's own penalties and biases; it must not depend on anything that others change, or the answer would.
/// </summary>
public interface ILogitsRule
{
    /// <summary>Changes the logits in place; negative infinity forbids a token.</summary>
    void Apply(Span<float> logits);

    /// <summary>This token was drawn, and is the next of the answer.</summary>
    void Accept(int token);
}
