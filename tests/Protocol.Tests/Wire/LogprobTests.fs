module StreamCore.Protocol.Tests.LogprobTests

open System
open System.Text.Json
open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Tests.Bodies

let private score (bytes: byte[]) logprob = {
    Bytes = ReadOnlyMemory bytes
    Logprob = logprob
}

let private tokens = [|
    {
        Token = score (utf8 "a\n") -0.5f
        Top = [| score (utf8 "a\n") -0.5f; score [| 0xF0uy; 0x9Fuy |] -1.25f |]
        TextOffset = 0
    }
    {
        Token = score [| 0xF0uy |] Single.NegativeInfinity
        Top = [| score (utf8 "b") -0.25f |]
        TextOffset = 2
    }
|]

let private first = [|
    {
        Token = score (utf8 "x") Single.NaN
        Top = [||]
        TextOffset = 0
    }
|]

let private chatText =
    "{\"content\":[{\"token\":\"a\\n\",\"logprob\":-0.5,\"bytes\":[97,10],\"top_logprobs\":[{\"token\":\"a\\n\",\"logprob\":-0.5,\"bytes\":[97,10]},{\"token\":\"\uFFFD\",\"logprob\":-1.25,\"bytes\":[240,159]}]},{\"token\":\"\uFFFD\",\"logprob\":-9999,\"bytes\":[240],\"top_logprobs\":[{\"token\":\"b\",\"logprob\":-0.25,\"bytes\":[98]}]}],\"refusal\":null}"

let private completionText =
    "{\"tokens\":[\"a\\n\",\"bytes:\\\\xf0\"],\"token_logprobs\":[-0.5,-9999],\"top_logprobs\":[{\"a\\n\":-0.5,\"bytes:\\\\xf0\\\\x9f\":-1.25},{\"b\":-0.25,\"bytes:\\\\xf0\":-9999}],\"text_offset\":[0,2]}"

let private logprobsOf (json: string) =
    use document = JsonDocument.Parse json
    document.RootElement.GetProperty("choices").[0].GetProperty("logprobs").GetRawText()

[<Fact>]
let ``Logprobs of a chat, whole and streamed`` () =
    let choice = {
        ChatChoice.OfText(ReadOnlyMemory(utf8 "a"), FinishReason.Stop) with
            Logprobs = tokens
    }

    let whole =
        ChatEncodeTests.encode (fun output ->
            ChatApi.EncodeResponse(output, ChatEncodeTests.stamp, [| choice |], ChatEncodeTests.usage))

    Assert.Equal(chatText, logprobsOf whole)

    let chunk usage =
        ChatEncodeTests.encode (fun output ->
            ChatStreamEncoder(ChatEncodeTests.stamp, usage).LogprobsChunk(output, 3, ReadOnlyMemory(utf8 "a"), tokens))

    Assert.Equal(chatText, logprobsOf (chunk false))

    Assert.EndsWith(
        "\"choices\":[{\"index\":3,\"delta\":{\"content\":\"a\"},\"logprobs\":"
        + chatText
        + ",\"finish_reason\":null}]}",
        chunk false
    )

    Assert.EndsWith(",\"finish_reason\":null}],\"usage\":null}", chunk true)

[<Fact>]
let ``Logprobs of a completion, whole and streamed`` () =
    let choice: CompletionChoice = {
        Text = ReadOnlyMemory(utf8 "a")
        FinishReason = FinishReason.Stop
        Logprobs = tokens
    }

    let whole =
        ChatEncodeTests.encode (fun output ->
            CompletionApi.EncodeResponse(output, ChatEncodeTests.stamp, [| choice |], ChatEncodeTests.usage))

    Assert.Equal(completionText, logprobsOf whole)

    let chunk =
        ChatEncodeTests.encode (fun output ->
            CompletionStreamEncoder(ChatEncodeTests.stamp, false)
                .LogprobsChunk(output, 3, ReadOnlyMemory(utf8 "a"), tokens))

    Assert.EndsWith(
        "\"choices\":[{\"index\":3,\"text\":\"a\",\"logprobs\":"
        + completionText
        + ",\"finish_reason\":null}]}",
        chunk
    )

[<Fact>]
let ``The first token of a prompt has no logprob`` () =
    let chunk =
        ChatEncodeTests.encode (fun output ->
            CompletionStreamEncoder(ChatEncodeTests.stamp, false)
                .LogprobsChunk(output, 0, ReadOnlyMemory(utf8 "x"), first))

    Assert.Equal(
        """{"tokens":["x"],"token_logprobs":[null],"top_logprobs":[null],"text_offset":[0]}""",
        logprobsOf chunk
    )
