module StreamCore.Protocol.Tests.ChatEncodeTests

open System
open System.Buffers
open System.Text.Json
open FsCheck
open FsCheck.FSharp
open Xunit
open StreamCore.Protocol
open StreamCore.TestKit
open StreamCore.Protocol.Tests.Bodies

let stamp = {
    Id = "chatcmpl-1"
    Created = 1700000000L
    Model = "org/\"m\""
    SystemFingerprint = "fp_1"
}

let usage = {
    PromptTokens = 5
    CompletionTokens = 7
    CachedTokens = 4
    ReasoningTokens = 2
    IsEstimated = false
}

let encode (write: IBufferWriter<byte> -> unit) =
    let output = ArrayBufferWriter<byte>()
    write output
    text output.WrittenSpan

let private head =
    """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"org/\"m\"","system_fingerprint":"fp_1","service_tier":"default","choices":["""

let usageText =
    """"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"""

[<Fact>]
let ``A stream has a role, texts, an end and nothing more`` () =
    let encoder = ChatStreamEncoder(stamp, false)

    Assert.Equal(
        head
        + """{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}""",
        encode (fun output -> encoder.RoleChunk(output, 0))
    )

    Assert.Equal(
        head
        + """{"index":12,"delta":{"content":"a\n\"é😀"},"logprobs":null,"finish_reason":null}]}""",
        encode (fun output -> encoder.ContentChunk(output, 12, ReadOnlySpan(utf8 "a\n\"é😀")))
    )

    Assert.Equal(
        head + """{"index":0,"delta":{},"logprobs":null,"finish_reason":"length"}]}""",
        encode (fun output -> encoder.FinishChunk(output, 0, FinishReason.Length))
    )

[<Fact>]
let ``Usage that is a guess says so, in whole answers and in streams`` () =
    let guess = { usage with IsEstimated = true }
    let expected = usageText.Substring(0, usageText.Length - 1) + ",\"estimated\":true}"

    let whole =
        encode (fun output -> ChatApi.EncodeResponse(output, stamp, [||], guess))

    let streamed =
        encode (fun output -> ChatStreamEncoder(stamp, true).UsageChunk(output, guess))

    let completion =
        encode (fun output -> CompletionApi.EncodeResponse(output, stamp, [||], guess))

    for answer in [ whole; streamed; completion ] do
        Assert.EndsWith(expected + "}", answer)

[<Fact>]
let ``Where usage is asked for it is in the last chunk and null in the others`` () =
    let encoder = ChatStreamEncoder(stamp, true)

    for chunk in
        [
            encode (fun output -> encoder.RoleChunk(output, 0))
            encode (fun output -> encoder.ContentChunk(output, 0, ReadOnlySpan(utf8 "a")))
            encode (fun output -> encoder.FinishChunk(output, 0, FinishReason.Stop))
        ] do
        Assert.EndsWith("}],\"usage\":null}", chunk)
        use document = JsonDocument.Parse chunk
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("usage").ValueKind)

    Assert.Equal(head + "]," + usageText + "}", encode (fun output -> encoder.UsageChunk(output, usage)))

[<Fact>]
let ``Text in chunks, cut between any characters, is the same text`` () =
    let encoder = ChatStreamEncoder(stamp, false)

    let content (text: string) =
        let chunk =
            encode (fun output -> encoder.ContentChunk(output, 0, ReadOnlySpan(utf8 text)))

        use document = JsonDocument.Parse chunk

        nonNull (
            document.RootElement.GetProperty("choices").[0].GetProperty("delta").GetProperty("content").GetString()
        )

    Check.One(
        Config.QuickThrowOnFailure,
        Prop.forAll (Arb.fromGen JsonOutTests.soundText) (fun text ->
            text.EnumerateRunes()
            |> Seq.map (fun rune -> content (rune.ToString()))
            |> String.concat ""
            |> (=) (content text)
            && content text = text)
    )

[<Fact>]
let ``A whole response`` () =
    let choices = [|
        ChatChoice.OfText(ReadOnlyMemory(utf8 "Hello \"<é>\"\n"), FinishReason.Stop)
        ChatChoice.OfText(ReadOnlyMemory.Empty, FinishReason.ContentFilter)
    |]

    Assert.Equal(
        """{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"org/\"m\"","system_fingerprint":"fp_1","service_tier":"default","choices":[{"index":0,"message":{"role":"assistant","content":"Hello \"<é>\"\n","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":"","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"content_filter"}],"""
        + usageText
        + "}",
        encode (fun output -> ChatApi.EncodeResponse(output, stamp, choices, usage))
    )

[<Fact>]
let ``A stream tells calls with their id and name once, and their arguments in pieces`` () =
    let encoder = ChatStreamEncoder(stamp, false)
    let rest = ",\"logprobs\":null,\"finish_reason\":null}]}"

    let chunk delta =
        String.concat "" [ head; "{\"index\":2,\"delta\":{"; delta; "}"; rest ]

    Assert.Equal(
        chunk
            """"tool_calls":[{"index":1,"id":"call_x","type":"function","function":{"name":"get_weather","arguments":""}}]""",
        encode (fun output -> encoder.CallChunk(output, 2, 1, "call_x", "get_weather"))
    )

    Assert.Equal(
        chunk """"tool_calls":[{"index":1,"function":{"arguments":"{\"a\": \"é"}}]""",
        encode (fun output -> encoder.ArgumentsChunk(output, 2, 1, ReadOnlySpan(utf8 "{\"a\": \"é")))
    )

    Assert.Equal(
        chunk "\"reasoning_content\":\"a\\n\\\"\"",
        encode (fun output -> encoder.ReasoningChunk(output, 2, ReadOnlySpan(utf8 "a\n\"")))
    )

    let older =
        ChatStreamEncoder(
            stamp,
            false,
            {
                ReasoningField = "reasoning"
                AsFunctions = true
            }
        )

    Assert.Equal(
        chunk """"function_call":{"name":"f","arguments":""}""",
        encode (fun output -> older.CallChunk(output, 2, 0, "call_x", "f"))
    )

    Assert.Equal(
        chunk """"function_call":{"arguments":"{}"}""",
        encode (fun output -> older.ArgumentsChunk(output, 2, 0, ReadOnlySpan(utf8 "{}")))
    )

    Assert.Equal(
        chunk "\"reasoning\":\"a\"",
        encode (fun output -> older.ReasoningChunk(output, 2, ReadOnlySpan(utf8 "a")))
    )

    Assert.Equal(
        head
        + """{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}]}""",
        encode (fun output -> encoder.FinishChunk(output, 0, FinishReason.ToolCalls))
    )

[<Fact>]
let ``A whole response tells calls, and no content where there is none`` () =
    let call id name arguments : ChatCall = {
        Id = id
        Name = name
        Arguments = ReadOnlyMemory(utf8 arguments)
    }

    let answer (shape: ChatShape) text =
        let choice: ChatChoice = {
            Text = ReadOnlyMemory(utf8 text)
            Reasoning = ReadOnlyMemory(utf8 "hm")
            Calls = [| call "call_1" "f" """{"a":"\""}"""; call "call_2" "g" "{}" |]
            FinishReason =
                if shape.AsFunctions then
                    FinishReason.FunctionCall
                else
                    FinishReason.ToolCalls
            Logprobs = null
        }

        let response =
            encode (fun output -> ChatApi.EncodeResponse(output, stamp, shape, [| choice |], usage))

        use document = JsonDocument.Parse response
        document.RootElement.GetProperty("choices").[0].GetRawText()

    Assert.Equal(
        """{"index":0,"message":{"role":"assistant","content":null,"reasoning_content":"hm","refusal":null,"annotations":[],"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\":\"\\\"\"}"}},{"id":"call_2","type":"function","function":{"name":"g","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}""",
        answer ChatShape.Default ""
    )

    Assert.Equal(
        """{"index":0,"message":{"role":"assistant","content":"x","reasoning":"hm","refusal":null,"annotations":[],"function_call":{"name":"f","arguments":"{\"a\":\"\\\"\"}"}},"logprobs":null,"finish_reason":"function_call"}""",
        answer
            {
                ReasoningField = "reasoning"
                AsFunctions = true
            }
            "x"
    )

[<Fact>]
let ``A whole response of any text is read back as the same text`` () =
    Check.One(
        Config.QuickThrowOnFailure,
        Prop.forAll (Arb.fromGen JsonOutTests.soundText) (fun text ->
            let choice = ChatChoice.OfText(ReadOnlyMemory(utf8 text), FinishReason.Stop)

            let response =
                encode (fun output -> ChatApi.EncodeResponse(output, stamp, [| choice |], usage))

            use document = JsonDocument.Parse response

            document.RootElement.GetProperty("choices").[0].GetProperty("message").GetProperty("content").GetString() =
                text)
    )

[<Fact>]
let ``Bytes that are not UTF-8 are replaced in a whole response too`` () =
    let choice =
        ChatChoice.OfText(ReadOnlyMemory [| 'a'B; 0xF0uy; 0x9Fuy; 'b'B |], FinishReason.Stop)

    let response =
        encode (fun output -> ChatApi.EncodeResponse(output, stamp, [| choice |], usage))

    use document = JsonDocument.Parse response

    Assert.Equal(
        "a\uFFFDb",
        document.RootElement.GetProperty("choices").[0].GetProperty("message").GetProperty("content").GetString()
    )

[<Fact>]
let ``A choice cannot end for no reason`` () =
    let encoder = ChatStreamEncoder(stamp, false)

    Assert.Throws<ArgumentOutOfRangeException>(fun () ->
        encoder.FinishChunk(ArrayBufferWriter<byte>(), 0, FinishReason.None))
    |> ignore

/// The budget: nothing per chunk.
[<Fact>]
let ``A thousand chunks of text allocate nothing`` () =
    let encoder = ChatStreamEncoder(stamp, true)
    let completions = CompletionStreamEncoder(stamp, true)
    let output = ArrayBufferWriter<byte>(2_000_000)
    let plain = utf8 " token"
    let escaped = utf8 "\"line\"\n\u0001é😀"

    let write () =
        output.ResetWrittenCount()

        for _ in 1..1000 do
            encoder.ContentChunk(output, 0, ReadOnlySpan plain)
            encoder.ContentChunk(output, 3, ReadOnlySpan escaped)
            encoder.ReasoningChunk(output, 0, ReadOnlySpan plain)
            encoder.ArgumentsChunk(output, 0, 1, ReadOnlySpan escaped)
            completions.ContentChunk(output, 0, ReadOnlySpan plain)

    Assert.Equal(0L, AllocatedBytes.Least write)
