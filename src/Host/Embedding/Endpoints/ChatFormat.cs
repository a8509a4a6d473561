using System.Buffers;
using StreamCore.Host.Planning;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Transport.Writing;

namespace StreamCore.Host.Endpoints;

/// <summary>Chat completions: a role first, then what the answer's text turns out to be made of.</summary>
/// <param name="stamp">What all objects of the answer share.</param>
/// <param name="includesUsage">Whether a stream ends with usage.</param>
/// <param name="shape">How the client wants answers told.</param>
/// <param name="plan">How answers are taken apart and counted.</param>
internal sealed class ChatFormat(ResponseStamp stamp, bool includesUsage, ChatShape shape, ChatPlan plan) : IAnswerFormat
{
    private readonly WireLogprobs? _logprobs = plan.Tokenizer is null ? null : new(plan.Tokenizer); // for generations that keep them
    private readonly ChatStreamEncoder _encoder = new(stamp, includesUsage, shape);
    private readonly List<ChatStreamChoice> _choices = [];

    public bool HasOpening => true;

    public bool IncludesUsage { get; } = includesUsage;

    public void WriteOpening(IBufferWriter<byte> output, int index) => _encoder.RoleChunk(output, index);

    public void WriteDelta(SseWriter sse, int index, Generation generation, Delta delta)
    {
        var isEnd = delta.IsLast && generation.Outcome!.IsFinished;
        Choice(index).Write(sse, generation, delta.Start + delta.Length, isEnd);
    }

    public void WriteFinish(IBufferWriter<byte> output, int index, FinishReason reason) =>
        _encoder.FinishChunk(output, index, Choice(index).FinishReason(reason, shape.AsFunctions));

    public void WriteUsage(IBufferWriter<byte> output, TokenUsage usage) => _encoder.UsageChunk(output, WithReasoning(usage, _choices.Sum(choice => choice.ReasoningTokens)));

    public void WriteWhole(IBufferWriter<byte> output, IReadOnlyList<Generation> generations, TokenUsage usage)
    {
        ChatChoice[] choices = [.. generations.Select(g => ChatWholeChoice.Read(plan.Syntax, shape, g, _logprobs))];
        var reasoning = generations.Zip(choices, (generation, choice) => ReasoningShare(generation, choice.Reasoning.Length)).Sum();
        ChatApi.EncodeResponse(output, stamp, shape, choices, WithReasoning(usage, reasoning));
    }

    private ChatStreamChoice Choice(int index)
    {
        while (_choices.Count <= index) _choices.Add(new ChatStreamChoice(_encoder, _choices.Count, plan.Syntax, _logprobs));
        return _choices[index];
    }

    /// <summary>The answer's tokens that its reasoning took, by the bytes of both: for engines that show no tokens.</summary>
    public static int ReasoningShare(Generation generation, int reasoningBytes) => reasoningBytes == 0
        ? 0
        : (int)Math.Min(generation.CompletionTokens, Math.Ceiling(generation.CompletionTokens * (double)reasoningBytes / generation.AllText().Length));

    /// <param name="estimate">Tokens of reasoning where they were not counted.</param>
    private TokenUsage WithReasoning(TokenUsage usage, int estimate) => new(
        usage.PromptTokens, usage.CompletionTokens, usage.CachedTokens,
        plan.Counters.Count > 0 ? plan.Counters.Sum(counter => counter.Count) : estimate, usage.IsEstimated);
}
