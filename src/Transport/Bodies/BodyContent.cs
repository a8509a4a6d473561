using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Bodies;

/// <summary>A whole request body, or why there is none.</summary>
public readonly record struct BodyContent(ReadOnlyMemory<byte> Bytes, HttpRejection Rejection)
{
    public bool IsRejected => Rejection != HttpRejection.None;
}
