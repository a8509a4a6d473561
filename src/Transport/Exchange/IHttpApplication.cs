using System.Buffers;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Exchange;

/// <summary>What answers requests. Called for many connections at once, for one request at a time on each.</summary>
public interface IHttpApplication
{
    /// <summary>Answers one request. When it returns, the answer must be complete; if it throws, Transport answers 500 or cuts the answer off.</summary>
    ValueTask HandleAsync(HttpExchange exchange);

    /// <summary>Whether a request is answered even when too many are: one that costs next to nothing, and whose refusal would be taken for a crash. Must not throw.</summary>
    bool IsExempt(RequestHead request) => false;

    /// <summary>Words an answer that Transport gives by itself: writes its body and returns its content type. May add header fields. Must not throw.</summary>
    string DescribeRejection(RejectionAnswer answer, IBufferWriter<byte> body);
}
