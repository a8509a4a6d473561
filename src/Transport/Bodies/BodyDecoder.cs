using System.Buffers;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Bodies;

/// <summary>Finds the bytes of a body among the bytes of the connection. Knows no connection: sequence in, piece out.</summary>
internal abstract class BodyDecoder
{
    /// <summary>The body has been read to its end.</summary>
    public abstract bool IsDone { get; }

    /// <summary>What is known of the bytes still to come; null when that is nothing.</summary>
    public abstract long? Remaining { get; }

    /// <summary>
    /// Takes the next piece of the body off the buffer. The piece may be empty although framing was consumed; when nothing
    /// was consumed either and the body is not done, more is needed.
    /// </summary>
    public abstract HttpRejection Decode(in ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> piece, out SequencePosition consumed);
}
