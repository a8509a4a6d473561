module StreamCore.Protocol.Tests.CompletionTests

open System
open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Tests.Bodies

let private accept json =
    match parseCompletion json with
    | Ok request -> request
    | Error error -> failwith (json + " -> " + error.Message)

[<Fact>]
let ``What is refused is refused with its parameter and code`` () =
    for row in table "completion-refused.jsonl" plainCompletion do
        match parseCompletion row.Body with
        | Ok _ -> failwith (row.Body + " was accepted")
        | Error error ->
            Assert.Equal(400, error.Status)
            Assert.Equal((row.Body, row.Param, row.Code), (row.Body, error.Param, error.Code))

            if not (isNull row.Message) then
                Assert.Equal(row.Message, error.Message)

[<Fact>]
let ``What changes nothing is accepted`` () =
    for row in table "completion-accepted.jsonl" plainCompletion do
        accept row.Body |> ignore

[<Fact>]
let ``Every default is filled in`` () =
    Assert.Equal(
        {
            Model = "m"
            Prompts = [| { Text = "Hi"; Tokens = null } |]
            Sampling = SamplingSettings.Default
            MaxTokens = 16
            Stop = [||]
            N = 1
            BestOf = 1
            TopLogprobs = Nullable()
            Echo = false
            Suffix = null
            Stream = false
            IncludeUsage = false
            User = null
            CacheSalt = null
        },
        accept plainCompletion
    )

[<Fact>]
let ``A prompt is text or tokens, one or several`` () =
    let prompts json = (accept (completionWith json)).Prompts

    let text text : CompletionPrompt = { Text = text; Tokens = null }
    let tokens tokens : CompletionPrompt = { Text = null; Tokens = tokens }
    Assert.Equal<CompletionPrompt[]>([| text "a"; text "" |], prompts """{"prompt":["a",""]}""")
    Assert.Equal<CompletionPrompt[]>([| tokens [| 1; 2 |] |], prompts """{"prompt":[1,2.0]}""")
    Assert.Equal<CompletionPrompt[]>([| tokens [| 1; 2 |]; tokens [| 3 |] |], prompts """{"prompt":[[1,2],[3]]}""")

[<Fact>]
let ``Prompts are limited in number, tokens are not`` () =
    let narrow = { limits with MaxPromptCount = 2 }

    let parse json =
        match CompletionApi.TryParse(sequence (utf8 (completionWith json)), narrow) with
        | true, _, _ -> ""
        | false, _, error -> string (nonNull error).Code

    Assert.Equal("array_above_max_length", parse """{"prompt":["a","b","c"]}""")
    Assert.Equal("", parse """{"prompt":[1,2,3]}""")

let private head =
    """{"id":"chatcmpl-1","object":"text_completion","created":1700000000,"model":"org/\"m\"","system_fingerprint":"fp_1","choices":["""

[<Fact>]
let ``A stream has texts and an end`` () =
    let encoder = CompletionStreamEncoder(ChatEncodeTests.stamp, false)

    Assert.Equal(
        head + """{"index":1,"text":"a\n","logprobs":null,"finish_reason":null}]}""",
        ChatEncodeTests.encode (fun output -> encoder.ContentChunk(output, 1, ReadOnlySpan(utf8 "a\n")))
    )

    Assert.Equal(
        head + """{"index":1,"text":"","logprobs":null,"finish_reason":"stop"}]}""",
        ChatEncodeTests.encode (fun output -> encoder.FinishChunk(output, 1, FinishReason.Stop))
    )

[<Fact>]
let ``Where usage is asked for it is in the last chunk and null in the others`` () =
    let encoder = CompletionStreamEncoder(ChatEncodeTests.stamp, true)

    Assert.EndsWith(
        "}],\"usage\":null}",
        ChatEncodeTests.encode (fun output -> encoder.FinishChunk(output, 0, FinishReason.Length))
    )

    Assert.Equal(
        head + "]," + ChatEncodeTests.usageText + "}",
        ChatEncodeTests.encode (fun output -> encoder.UsageChunk(output, ChatEncodeTests.usage))
    )

[<Fact>]
let ``A whole response`` () =
    let choice: CompletionChoice = {
        Text = ReadOnlyMemory(utf8 " there")
        FinishReason = FinishReason.Length
        Logprobs = null
    }

    Assert.Equal(
        head
        + """{"text":" there","index":0,"logprobs":null,"finish_reason":"length"}],"""
        + ChatEncodeTests.usageText
        + "}",
        ChatEncodeTests.encode (fun output ->
            CompletionApi.EncodeResponse(output, ChatEncodeTests.stamp, [| choice |], ChatEncodeTests.usage))
    )

[<Theory>]
[<InlineData(FinishReason.ToolCalls)>]
[<InlineData(FinishReason.FunctionCall)>]
let ``A completion never ends for a call, of which its clients know nothing`` (reason: FinishReason) =
    let encoder = CompletionStreamEncoder(ChatEncodeTests.stamp, false)

    Assert.Contains(
        "\"finish_reason\":\"stop\"",
        ChatEncodeTests.encode (fun output -> encoder.FinishChunk(output, 0, reason))
    )

[<Fact>]
let ``Answers are counted and chosen`` () =
    let request =
        accept (completionWith """{"n":2,"best_of":5,"logprobs":3,"echo":true,"max_tokens":0}""")

    Assert.Equal(
        (2, 5, Nullable 3, true, 0),
        (request.N, request.BestOf, request.TopLogprobs, request.Echo, request.MaxTokens)
    )

    Assert.Equal(3, (accept (completionWith """{"n":3,"stream":true}""")).BestOf)
    Assert.Equal("after", (accept (completionWith """{"suffix":"after"}""")).Suffix)
    Assert.Null((accept (completionWith """{"suffix":""}""")).Suffix)
