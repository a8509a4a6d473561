using StreamCore.Protocol;

namespace StreamCore.Scheduler;

/// <summary>What a generation produced since the delta before: all that is ready, however many tokens that is.</summary>
/// <param name="Start">Where its text begins in the generation's text, in bytes.</param>
/// <param name="Length">Bytes of text; 0 when only the end is told. Read them with <see cref="Generation.Text"/>.</param>
/// <param name="CompletionTokens">Tokens generated so far, the ones whose text is held back included.</param>
/// <param name="FinishReason">Set in the last delta of a generation that finished.</param>
/// <param name="IsLast">Nothing follows; <see cref="Generation.Outcome"/> says how it ended.</param>
/// <param name="FirstLogprob">Index in <see cref="Generation.Logprobs"/> of the first token told of with it.</param>
/// <param name="LogprobCount">How many tokens are told of with it: those whose text is shown. 0 where no logprobs are kept.</param>
public readonly record struct Delta(
    int Start, int Length, int CompletionTokens, FinishReason FinishReason, bool IsLast, int FirstLogprob = 0, int LogprobCount = 0);
