using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.Host.Planning;

/// <summary>What a chat asks of a model, checked in all respects.</summary>
/// <param name="Answers">What is generated.</param>
/// <param name="Syntax">How the answers' text is taken apart.</param>
internal sealed record ChatPlan(AnswerPlan Answers, AnswerSyntax Syntax)
{
    /// <summary>Count the reasoning of each choice. None where there is none, and where no tokens are seen.</summary>
    public IReadOnlyList<ReasoningCounter> Counters { get; init; } = [];

    /// <summary>What the answers' tokens are spelled by; null where they are not seen.</summary>
    public ITokenizer? Tokenizer { get; init; }
}
