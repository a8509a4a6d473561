module StreamCore.Protocol.Tests.ChatEncodeTests

open System
open System.Buffers
open System.Text.Json
open FsCheck
open FsCheck.FSharp
open Xunit
open StreamCore.Protocol
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
        {
            Text = ReadOnlyMemory(utf8 "Hello \"<é>\"\n")
            FinishReason = FinishReason.Stop
            Logprobs = null
        }
        {
            Text = ReadOnlyMemory.Empty
            FinishReason = FinishReason.ContentFilter
            Logprobs = null
        }
    |]

    Assert.Equal(
        """{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"org/\"m\"","system_fingerprint":"fp_1","service_tier":"default","choices":[{"index":0,"message":{"role":"assistant","content":"Hello \"<é>\"\n","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":"","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"content_filter"}],"""
        + usageText
        + "}",
        encode (fun output -> ChatApi.EncodeResponse(output, stamp, choices, usage))
    )

[<Fact>]
let ``A whole response of any text is read back as the same text`` () =
    Check.One(
        Config.QuickThrowOnFailure,
        Prop.forAll (Arb.fromGen JsonOutTests.soundText) (fun text ->
            let choice: ChatChoice = {
                Text = ReadOnlyMemory(utf8 text)
                FinishReason = FinishReason.Stop
                Logprobs = null
            }

            let response =
                encode (fun output -> ChatApi.EncodeResponse(output, stamp, [| choice |], usage))

            use document = JsonDocument.Parse response

            document.RootElement.GetProperty("choices").[0].GetProperty("message").GetProperty("content").GetString() =
                text)
    )

[<Fact>]
let ``Bytes that are not UTF-8 are replaced in a whole response too`` () =
    let choice: ChatChoice = {
        Text = ReadOnlyMemory [| 'a'B; 0xF0uy; 0x9Fuy; 'b'B |]
        FinishReason = FinishReason.Stop
        Logprobs = null
    }

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
            completions.ContentChunk(output, 0, ReadOnlySpan plain)

    write ()
    let before = GC.GetAllocatedBytesForCurrentThread()
    write ()
    Assert.Equal(0L, GC.GetAllocatedBytesForCurrentThread() - before)
