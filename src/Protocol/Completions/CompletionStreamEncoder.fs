namespace StreamCore.Protocol

open System
open System.Buffers
open System.Text
open System.Text.Json

[<Sealed>]
type CompletionStreamEncoder(stamp: ResponseStamp, includeUsage: bool) =
    let start (json: Utf8JsonWriter) =
        StampEncode.start json "text_completion" stamp

    let head = StampEncode.chunkHead start

    let bytes (parts: string list) =
        Encoding.UTF8.GetBytes(String.concat "" parts)

    let beforeText = bytes [ ",\"text\":\"" ]

    let afterText =
        bytes [
            "\",\"logprobs\":null,\"finish_reason\":null"
            StampEncode.chunkEnd includeUsage
        ]

    let finish reason =
        bytes [
            ",\"text\":\"\",\"logprobs\":null,\"finish_reason\":\""
            StampEncode.completionFinishReason reason
            "\""
            StampEncode.chunkEnd includeUsage
        ]

    member _.ContentChunk(output: IBufferWriter<byte>, index: int, utf8: ReadOnlySpan<byte>) =
        JsonOut.chunk output head index beforeText utf8 afterText

    member _.LogprobsChunk
        (output: IBufferWriter<byte>, index: int, utf8: ReadOnlyMemory<byte>, logprobs: TokenLogprobs[])
        =
        LogprobEncode.chunk output start includeUsage index (fun json ->
            json.WriteString("text", utf8.Span)
            LogprobEncode.completion json logprobs)

    member _.FinishChunk(output: IBufferWriter<byte>, index: int, reason: FinishReason) =
        JsonOut.chunk output head index (finish reason) ReadOnlySpan.Empty [||]

    member _.UsageChunk(output: IBufferWriter<byte>, usage: TokenUsage) =
        StampEncode.usageChunk output start usage
