namespace StreamCore.Protocol

open System
open System.Buffers
open System.Text
open System.Text.Json

[<Sealed>]
type ChatStreamEncoder(stamp: ResponseStamp, includeUsage: bool) =
    let start (json: Utf8JsonWriter) =
        StampEncode.start json "chat.completion.chunk" stamp
        json.WriteString("service_tier", "default")

    let head = StampEncode.chunkHead start

    let bytes (parts: string list) =
        Encoding.UTF8.GetBytes(String.concat "" parts)

    let unfinished =
        String.concat "" [
            ",\"logprobs\":null,\"finish_reason\":null"
            StampEncode.chunkEnd includeUsage
        ]

    let role =
        bytes [ ",\"delta\":{\"role\":\"assistant\",\"content\":\"\"}"; unfinished ]

    let beforeText = bytes [ ",\"delta\":{\"content\":\"" ]
    let afterText = bytes [ "\"}"; unfinished ]

    let finish reason =
        bytes [
            ",\"delta\":{},\"logprobs\":null,\"finish_reason\":\""
            StampEncode.finishReason reason
            "\""
            StampEncode.chunkEnd includeUsage
        ]

    member _.RoleChunk(output: IBufferWriter<byte>, index: int) =
        JsonOut.chunk output head index role ReadOnlySpan.Empty [||]

    member _.ContentChunk(output: IBufferWriter<byte>, index: int, utf8: ReadOnlySpan<byte>) =
        JsonOut.chunk output head index beforeText utf8 afterText

    member _.LogprobsChunk
        (output: IBufferWriter<byte>, index: int, utf8: ReadOnlyMemory<byte>, logprobs: TokenLogprobs[])
        =
        LogprobEncode.chunk output start includeUsage index (fun json ->
            json.WriteStartObject "delta"
            json.WriteString("content", utf8.Span)
            json.WriteEndObject()
            LogprobEncode.chat json logprobs)

    member _.FinishChunk(output: IBufferWriter<byte>, index: int, reason: FinishReason) =
        JsonOut.chunk output head index (finish reason) ReadOnlySpan.Empty [||]

    member _.UsageChunk(output: IBufferWriter<byte>, usage: TokenUsage) =
        StampEncode.usageChunk output start usage
