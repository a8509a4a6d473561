namespace StreamCore.Protocol

open System.Buffers

/// Models on the wire.
[<AbstractClass; Sealed>]
type ModelApi =
    /// `GET /v1/models`.
    static member EncodeList: output: IBufferWriter<byte> * models: ModelCard[] -> unit

    /// `GET /v1/models/{id}`.
    static member EncodeModel: output: IBufferWriter<byte> * model: ModelCard -> unit
