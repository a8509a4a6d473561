namespace StreamCore.Protocol

open System.Diagnostics.CodeAnalysis

/// Bytes that a URL holds itself (RFC 2397), in base64.
[<AbstractClass; Sealed>]
type DataUrl =
    /// Whether it is such a URL at all, sound or not.
    static member IsOne: url: string -> bool

    /// The bytes, of whatever type the URL says they are. False when they are not base64.
    static member TryDecode: url: string * [<NotNullWhen true>] bytes: outref<byte[] | null> -> bool
