namespace StreamCore.Protocol

open System.Buffers
open System.Diagnostics.CodeAnalysis

[<AbstractClass; Sealed>]
type CompletionApi =
    static member TryParse
        (
            body: ReadOnlySequence<byte>,
            limits: ProtocolLimits,
            [<NotNullWhen true>] request: outref<CompletionRequest | null>,
            [<NotNullWhen false>] error: outref<ApiError | null>
        ) =
        GenerationParse.tryRequest limits body (CompletionParse.request limits) &request &error

    static member EncodeResponse
        (output: IBufferWriter<byte>, stamp: ResponseStamp, choices: CompletionChoice[], usage: TokenUsage)
        =
        CompletionEncode.response output stamp choices usage
