namespace StreamCore.Protocol

open System.Buffers
open System.Diagnostics.CodeAnalysis

/// Text completions on the wire. Streams are encoded by a `CompletionStreamEncoder`.
[<AbstractClass; Sealed>]
type CompletionApi =
    /// Reads a completion request. Nothing is checked again after this succeeds. The body may be reused as soon as it returns.
    static member TryParse:
        body: ReadOnlySequence<byte> *
        limits: ProtocolLimits *
        [<NotNullWhen true>] request: outref<CompletionRequest | null> *
        [<NotNullWhen false>] error: outref<ApiError | null> ->
            bool

    /// A whole response. A choice's index is its place in the array.
    static member EncodeResponse:
        output: IBufferWriter<byte> * stamp: ResponseStamp * choices: CompletionChoice[] * usage: TokenUsage -> unit
