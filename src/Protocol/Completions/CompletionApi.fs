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
        match GenerationParse.request limits body (CompletionParse.request limits) with
        | Ok parsed ->
            request <- parsed
            error <- null
            true
        | Error fault ->
            request <- null
            error <- JsonFault.toApiError fault
            false

    static member EncodeResponse
        (output: IBufferWriter<byte>, stamp: ResponseStamp, choices: CompletionChoice[], usage: TokenUsage)
        =
        CompletionEncode.response output stamp choices usage
