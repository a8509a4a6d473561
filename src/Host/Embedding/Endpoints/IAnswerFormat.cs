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

    /// <summary>Writes what a choice has ready, in events of its own.</summary>
    void WriteDelta(SseWriter sse, int index, Generation generation, Delta delta);

    /// <summary>Whether each choice begins with its prompt, from the first delta on.</summary>
    bool HasEcho => false;

    /// <summary>Writes a choice's prompt, whose logprobs are known by now.</summary>
    void WriteEcho(IBufferWriter<byte> output, int index, Generation generation) { }

    void WriteFinish(IBufferWriter<byte> output, int index, FinishReason reason);

    void WriteUsage(IBufferWriter<byte> output, TokenUsage usage);

    /// <summary>The whole answer; every generation has finished.</summary>
    void WriteWhole(IBufferWriter<byte> output, IReadOnlyList<Generation> generations, TokenUsage usage);
}
