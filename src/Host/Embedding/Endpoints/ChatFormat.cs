using System.Buffers;
using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.Host.Endpoints;

/// <summary>Chat completions: a role first, then content.</summary>
internal sealed class ChatFormat(ResponseStamp stamp, bool includesUsage, WireLogprobs logprobs) : IAnswerFormat
{
    private readonly ChatStreamEncoder _encoder = new(stamp, includesUsage);

    public bool HasOpening => true;

    public bool IncludesUsage { get; } = includesUsage;

    public void WriteOpening(IBufferWriter<byte> output, int index) => _encoder.RoleChunk(output, index);

    public void WriteText(IBufferWriter<byte> output, int index, ReadOnlySpan<byte> utf8) => _encoder.ContentChunk(output, index, utf8);

    public void WriteScored(IBufferWriter<byte> output, int index, Generation generation, Delta delta) => _encoder.LogprobsChunk(
        output, index, generation.Text(delta),
        logprobs.OfAnswer(generation, delta.FirstLogprob, delta.LogprobCount, new CharacterCount(0)));

    public void WriteFinish(IBufferWriter<byte> output, int index, FinishReason reason) => _encoder.FinishChunk(output, index, reason);

    public void WriteUsage(IBufferWriter<byte> output, TokenUsage usage) => _encoder.UsageChunk(output, usage);

    public void WriteWhole(IBufferWriter<byte> output, IReadOnlyList<Generation> generations, TokenUsage usage) =>
        ChatApi.EncodeResponse(output, stamp, [.. generations.Select(g => new ChatChoice(g.AllText(), g.Outcome!.FinishReason, logprobs.OfAnswer(g)))], usage);
}
