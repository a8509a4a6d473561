namespace StreamCore.Protocol

open System.Buffers
open System.Diagnostics.CodeAnalysis

[<AbstractClass; Sealed>]
type ChatApi =
    static member TryParse
        (
            body: ReadOnlySequence<byte>,
            limits: ProtocolLimits,
            [<NotNullWhen true>] request: outref<ChatRequest | null>,
            [<NotNullWhen false>] error: outref<ApiError | null>
        ) =
        GenerationParse.tryRequest limits body (ChatParse.request limits) &request &error

    static member EncodeResponse
        (output: IBufferWriter<byte>, stamp: ResponseStamp, choices: ChatChoice[], usage: TokenUsage)
        =
        ChatEncode.response output stamp ChatShape.Default choices usage

    static member EncodeResponse
        (output: IBufferWriter<byte>, stamp: ResponseStamp, shape: ChatShape, choices: ChatChoice[], usage: TokenUsage)
        =
        ChatEncode.response output stamp shape choices usage
