using System.Buffers;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Transport.Writing;

namespace StreamCore.Host.Endpoints;

/// <summary>Chat completions: a role first, then what the answer's text turns out to be made of.</summary>
/// <param name="stamp">What all objects of the answer share.</param>
/// <param name="includesUsage">Whether a stream ends with usage.</param>
/// <param name="shape">How the client wants answers told.</param>
/// <param name="syntax">How the answer's text is taken apart.</param>
/// <param name="counters">Count the reasoning of each choice; none where there is none.</param>
/// <param name="logprobs">For answers that are text and nothing else; there are no others with logprobs.</param>
internal sealed class ChatFormat(
    ResponseStamp stamp, bool includesUsage, ChatShape shape, AnswerSyntax syntax, IReadOnlyList<ReasoningCounter> counters,
    WireLogprobs logprobs) : IAnswerFormat
{
    private readonly ChatStreamEncoder _encoder = new(stamp, includesUsage, shape);
    private readonly List<ChatStreamChoice> _choices = [];

    public bool HasOpening => true;

    public bool IncludesUsage { get; } = includesUsage;

    public void WriteOpening(IBufferWriter<byte> output, int index) => _encoder.RoleChunk(output, index);

    public void WriteText(IBufferWriter<byte> output, int index, ReadOnlySpan<byte> utf8) => _encoder.ContentChunk(output, index, utf8);

    public void WriteDelta(SseWriter sse, int index, Generation generation, Delta delta)
    {
        if (generation.Logprobs is not null)
        {
            IAnswerFormat.WritePiece(this, sse, index, generation, delta);
            return;
        }

        var isEnd = delta.IsLast && generation.Outcome!.IsFinished;
        Choice(index).Write(sse, generation.AllText().Span[..(delta.Start + delta.Length)], isEnd);
    }

    public void WriteScored(IBufferWriter<byte> output, int index, Generation generation, Delta delta) => _encoder.LogprobsChunk(
        output, index, generation.Text(delta),
        logprobs.OfAnswer(generation, delta.FirstLogprob, delta.LogprobCount, null));

    public void WriteFinish(IBufferWriter<byte> output, int index, FinishReason reason) =>
        _encoder.FinishChunk(output, index, Choice(index).FinishReason(reason, shape.AsFunctions));

    public void WriteUsage(IBufferWriter<byte> output, TokenUsage usage) => _encoder.UsageChunk(output, WithReasoning(usage));

    public void WriteWhole(IBufferWriter<byte> output, IReadOnlyList<Generation> generations, TokenUsage usage)
    {
        ChatChoice[] choices = [.. generations.Select(g => ChatWholeChoice.Read(syntax, shape, g, logprobs.OfAnswer(g)))];
        ChatApi.EncodeResponse(output, stamp, shape, choices, WithReasoning(usage));
    }

    private ChatStreamChoice Choice(int index)
    {
        while (_choices.Count <= index) _choices.Add(new ChatStreamChoice(_encoder, _choices.Count, syntax));
        return _choices[index];
    }

    private TokenUsage WithReasoning(TokenUsage usage) =>
        new(usage.PromptTokens, usage.CompletionTokens, usage.CachedTokens, counters.Sum(counter => counter.Count));
}
