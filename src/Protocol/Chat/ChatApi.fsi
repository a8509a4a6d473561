namespace StreamCore.Protocol

open System.Buffers
open System.Diagnostics.CodeAnalysis

/// Chat completions on the wire. Streams are encoded by a `ChatStreamEncoder`.
[<AbstractClass; Sealed>]
type ChatApi =
    /// Reads a chat request. Nothing is checked again after this succeeds. The body may be reused as soon as it returns.
    static member TryParse:
        body: ReadOnlySequence<byte> *
        limits: ProtocolLimits *
        [<NotNullWhen true>] request: outref<ChatRequest | null> *
        [<NotNullWhen false>] error: outref<ApiError | null> ->
            bool

    /// A whole response. A choice's index is its place in the array.
    static member EncodeResponse:
        output: IBufferWriter<byte> * stamp: ResponseStamp * choices: ChatChoice[] * usage: TokenUsage -> unit

    /// A whole response, in the shape that the client expects.
    static member EncodeResponse:
        output: IBufferWriter<byte> *
        stamp: ResponseStamp *
        shape: ChatShape *
        choices: ChatChoice[] *
        usage: TokenUsage ->
            unit
