using System.Buffers;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Transport.Writing;

namespace StreamCore.Host.Endpoints;

/// <summary>How one request's choices look on the wire, streamed or whole.</summary>
internal interface IAnswerFormat
{
    /// <summary>Whether each choice begins with a chunk of its own, before any text.</summary>
    bool HasOpening { get; }

    bool IncludesUsage { get; }

    void WriteOpening(IBufferWriter<byte> output, int index);

    void WriteText(IBufferWriter<byte> output, int index, ReadOnlySpan<byte> utf8);

    /// <summary>Writes a delta that tells of logprobs.</summary>
    void WriteScored(IBufferWriter<byte> output, int index, Generation generation, Delta delta);

    /// <summary>Writes what a choice has ready, in events of its own: by default one, of text and its logprobs.</summary>
    void WriteDelta(SseWriter sse, int index, Generation generation, Delta delta) => WritePiece(this, sse, index, generation, delta);

    /// <summary>Writes a delta as one event, of text and its logprobs.</summary>
    static void WritePiece(IAnswerFormat format, SseWriter sse, int index, Generation generation, Delta delta)
    {
        if (delta.Length == 0 && delta.LogprobCount == 0) return;
        sse.BeginEvent();
        if (delta.LogprobCount > 0) format.WriteScored(sse, index, generation, delta);
        else format.WriteText(sse, index, generation.Text(delta).Span);
        sse.EndEvent();
    }

    /// <summary>Whether each choice begins with its prompt, from the first delta on.</summary>
    bool HasEcho => false;

    /// <summary>Writes a choice's prompt, whose logprobs are known by now.</summary>
    void WriteEcho(IBufferWriter<byte> output, int index, Generation generation) { }

    void WriteFinish(IBufferWriter<byte> output, int index, FinishReason reason);

    void WriteUsage(IBufferWriter<byte> output, TokenUsage usage);

    /// <summary>The whole answer; every generation has finished.</summary>
    void WriteWhole(IBufferWriter<byte> output, IReadOnlyList<Generation> generations, TokenUsage usage);
}
