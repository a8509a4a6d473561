namespace StreamCore.Protocol

open System.Buffers

/// Health on the wire. The status code says the same to those who only look at that.
[<AbstractClass; Sealed>]
type HealthApi =
    /// `{"status":"ok"}`, or `loading` or `draining` in its place.
    static member Encode: output: IBufferWriter<byte> * status: string -> unit
