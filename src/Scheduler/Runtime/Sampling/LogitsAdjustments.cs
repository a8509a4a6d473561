using StreamCore.Protocol;

namespace StreamCore.Scheduler.Sampling;

/// <summary>
/// Changes a row of logits by what a request asks for, before its rules see it. In this order:
/// <list type="number">
/// <item>repetition penalty, over the tokens of prompt and answer: a positive logit is divided by it, another one multiplied
/// (CTRL, arXiv 1909.05858, section 4.1; over the prompt too, as Hugging Face's and vLLM's);</item>
/// <item>frequency and presence penalty, over the answer's tokens: logit - count * frequency - (count > 0) * presence
/// (OpenAI's API reference);</item>
/// <item>the bias of single tokens is added (OpenAI's API reference, <c>logit_bias</c>);</item>
/// <item>tokens that would end an answer too short for <c>min_tokens</c> are forbidden.</item>
/// </list>
/// Counted anew from the sequence for every draw: there is no state that a preemption could lose, and it costs as much as the
/// sequence is long, not as the vocabulary is large. Allocates nothing; one thread.
/// </summary>
internal sealed class LogitsAdjustments(int vocabularySize)
{
    private readonly int[] _counts = new int[vocabularySize]; // all zero between two calls

    /// <param name="tokens">The sequence so far.</param>
    /// <param name="promptTokens">How many of <paramref name="tokens"/> are the prompt.</param>
    public void Apply(Span<float> logits, ReadOnlySpan<int> tokens, int promptTokens, GenerationRequest request)
    {
        var settings = request.Sampling;
        var answer = tokens[promptTokens..];
        var penalties = settings.Penalties;
        if (penalties.Repetition != 1) Repeat(logits, tokens, penalties.Repetition);
        if (penalties.Presence != 0 || penalties.Frequency != 0) Count(logits, answer, penalties);
        foreach (var bias in settings.Bias) logits[bias.Token] += bias.Bias;
        if (answer.Length >= settings.Ends.MinTokens) return;
        for (var i = 0; i < request.StopTokenIds.Count; i++)
        {
            if ((uint)request.StopTokenIds[i] < (uint)logits.Length) logits[request.StopTokenIds[i]] = float.NegativeInfinity;
        }
    }

    private void Repeat(Span<float> logits, ReadOnlySpan<int> tokens, float penalty)
    {
        foreach (var token in tokens)
        {
            if (_counts[token]++ > 0) continue;
            ref var logit = ref logits[token];
            logit = logit > 0 ? logit / penalty : logit * penalty;
        }

        foreach (var token in tokens) _counts[token] = 0;
    }

    private void Count(Span<float> logits, ReadOnlySpan<int> answer, PenaltySettings penalties)
    {
        foreach (var token in answer) _counts[token]++;
        foreach (var token in answer)
        {
            if (_counts[token] == 0) continue;
            logits[token] -= _counts[token] * penalties.Frequency + penalties.Presence;
            _counts[token] = 0;
        }
    }
}
