using System.Buffers;
using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.Host.Endpoints;

/// <summary>Text completions: text from the first chunk on.</summary>
internal sealed class CompletionFormat(ResponseStamp stamp, bool includesUsage) : IAnswerFormat
{
    private readonly CompletionStreamEncoder _encoder = new(stamp, includesUsage);

    public bool HasOpening => false;

    public bool IncludesUsage { get; } = includesUsage;

    public void WriteOpening(IBufferWriter<byte> output, int index) { }

    public void WriteText(IBufferWriter<byte> output, int index, ReadOnlySpan<byte> utf8) => _encoder.ContentChunk(output, index, utf8);

    public void WriteFinish(IBufferWriter<byte> output, int index, FinishReason reason) => _encoder.FinishChunk(output, index, reason);

    public void WriteUsage(IBufferWriter<byte> output, TokenUsage usage) => _encoder.UsageChunk(output, usage);

    public void WriteWhole(IBufferWriter<byte> output, IReadOnlyList<Generation> generations, TokenUsage usage) =>
        CompletionApi.EncodeResponse(output, stamp, [.. generations.Select(g => new CompletionChoice(g.AllText(), g.Outcome!.FinishReason))], usage);
}
