namespace StreamCore.Transport.Writing;

/// <summary>What the head of an answer says about the connection (RFC 9112 §9.3).</summary>
internal enum ConnectionFate
{
    Close,

    /// <summary>Kept, which in HTTP/1.1 goes without saying.</summary>
    KeepAlive,

    /// <summary>Kept for an HTTP/1.0 client, which must be told.</summary>
    KeepAliveNamed,
}
