using StreamCore.Scheduler;

namespace StreamCore.Host.Planning;

/// <summary>What a text completion asks of a model, checked in all respects.</summary>
/// <param name="Answers">What is generated.</param>
internal sealed record CompletionPlan(AnswerPlan Answers)
{
    /// <summary>What tokens of prompts and answers are spelled by; null where they are not seen.</summary>
    public ITokenizer? Tokenizer { get; init; }
}
