using System.Buffers;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Bodies;

/// <summary>Part of a request body. The bytes are valid until the next read.</summary>
/// <param name="Bytes">Never empty, unless the body has ended or was refused.</param>
/// <param name="IsEnd">The body has been read to its end.</param>
/// <param name="Rejection">Why there will be no more, or none.</param>
public readonly record struct BodyPiece(ReadOnlySequence<byte> Bytes, bool IsEnd, HttpRejection Rejection)
{
    /// <summary>Neither the end nor refused: there may be more.</summary>
    public bool HasMore => !IsEnd && Rejection == HttpRejection.None;
}
