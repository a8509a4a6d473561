using System.Buffers;
using System.IO.Pipelines;

namespace StreamCore.Transport.Sockets;

/// <summary>How the two pipes of every socket are made; the limits are Kestrel's.</summary>
internal sealed class SocketPipes(MemoryPool<byte> memory)
{
    /// <summary>The client's bytes, read on the thread that received them.</summary>
    public PipeOptions Received { get; } = new(
        memory, readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.ThreadPool,
        pauseWriterThreshold: 1024 * 1024, resumeWriterThreshold: 512 * 1024, useSynchronizationContext: false);

    /// <summary>Ours, sent where they were flushed on a socket thread, and by the pool otherwise.</summary>
    public PipeOptions ToSend { get; } = new(
        memory, readerScheduler: IoThreads.Scheduler, writerScheduler: PipeScheduler.ThreadPool,
        pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false);
}
