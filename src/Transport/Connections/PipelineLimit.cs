using System.Buffers;

namespace StreamCore.Transport.Connections;

/// <summary>How much is read ahead while a request is answered: so many bytes, or so many ends of heads.</summary>
internal readonly struct PipelineLimit(TransportOptions options)
{
    /// <summary><c>GET / HTTP/1.0</c> and two ends of lines: below so many bytes a request, nothing need be counted.</summary>
    private const int LeastRequestBytes = 18;

    private readonly int _maxBytes = options.MaxPipelinedBytes;
    private readonly int _maxRequests = options.MaxPipelinedRequests;

    /// <summary>
    /// Whether enough is buffered. An empty line within a body counts as well, which at worst pauses a client a little early: requests
    /// are not parsed before their turn, since what one means may depend on how the one before it ends.
    /// </summary>
    public bool IsReached(in ReadOnlySequence<byte> ahead)
    {
        if (ahead.Length >= _maxBytes) return true;
        if (ahead.Length / LeastRequestBytes < _maxRequests) return false;
        var reader = new SequenceReader<byte>(ahead);
        var count = 0;
        while (count < _maxRequests && reader.TryReadTo(out ReadOnlySequence<byte> _, "\r\n\r\n"u8)) count++;
        return count >= _maxRequests;
    }
}
