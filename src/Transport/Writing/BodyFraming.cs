namespace StreamCore.Transport.Writing;

/// <summary>How a body of unknown length is marked off.</summary>
internal enum BodyFraming
{
    /// <summary>Not sent at all: the answer to HEAD.</summary>
    None,

    Chunked,

    /// <summary>The end of the connection ends it: HTTP/1.0.</summary>
    UntilClose,
}
