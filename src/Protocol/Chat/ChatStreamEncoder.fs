namespace StreamCore.Protocol

open System
open System.Buffers
open System.Globalization
open System.Text
open System.Text.Json

[<Sealed>]
type ChatStreamEncoder(stamp: ResponseStamp, includeUsage: bool, shape: ChatShape) =
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
    let beforeReasoning = bytes [ ",\"delta\":{\""; shape.ReasoningField; "\":\"" ]

    /// What is before and after the inner part of a call. Names and ids need no escapes.
    let callParts (call: int) : struct (string * string) =
        if shape.AsFunctions then
            ",\"delta\":{\"function_call\":{", "}}"
        else
            let index = call.ToString CultureInfo.InvariantCulture
            String.concat "" [ ",\"delta\":{\"tool_calls\":[{\"index\":"; index; "," ], "}]}"

    let beginning call (id: string) (name: string) =
        let struct (before, after) = callParts call
        let inner = [ "\"name\":\""; name; "\",\"arguments\":\"\"" ]

        bytes [
            before
            if shape.AsFunctions then
                yield! inner
            else
                yield! [ "\"id\":\""; id; "\",\"type\":\"function\",\"function\":{" ]
                yield! inner
                "}"
            after
            unfinished
        ]

    /// Before and after the arguments of the calls so far, which come in many pieces.
    let mutable around: struct (byte[] * byte[])[] = [||]

    let aroundArguments call =
        while around.Length <= call do
            let struct (before, after) = callParts around.Length
            let opening = if shape.AsFunctions then "" else "\"function\":{"
            let closing = if shape.AsFunctions then "" else "}"

            let next =
                struct (bytes [ before; opening; "\"arguments\":\"" ], bytes [ "\""; closing; after; unfinished ])

            around <- Array.append around [| next |]

        around[call]

    let finish reason =
        bytes [
            ",\"delta\":{},\"logprobs\":null,\"finish_reason\":\""
            StampEncode.finishReason reason
            "\""
            StampEncode.chunkEnd includeUsage
        ]

    new(stamp: ResponseStamp, includeUsage: bool) = ChatStreamEncoder(stamp, includeUsage, ChatShape.Default)

    member _.RoleChunk(output: IBufferWriter<byte>, index: int) =
        JsonOut.chunk output head index role ReadOnlySpan.Empty [||]

    member _.ContentChunk(output: IBufferWriter<byte>, index: int, utf8: ReadOnlySpan<byte>) =
        JsonOut.chunk output head index beforeText utf8 afterText

    member _.ReasoningChunk(output: IBufferWriter<byte>, index: int, utf8: ReadOnlySpan<byte>) =
        JsonOut.chunk output head index beforeReasoning utf8 afterText

    member _.CallChunk(output: IBufferWriter<byte>, index: int, call: int, id: string, name: string) =
        JsonOut.chunk output head index (beginning call id name) ReadOnlySpan.Empty [||]

    member _.ArgumentsChunk(output: IBufferWriter<byte>, index: int, call: int, utf8: ReadOnlySpan<byte>) =
        let struct (before, after) = aroundArguments call
        JsonOut.chunk output head index before utf8 after

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
