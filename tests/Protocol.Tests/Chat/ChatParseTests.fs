module StreamCore.Protocol.Tests.ChatParseTests

open System
open System.Buffers
open System.Text.Json
open FsCheck
open FsCheck.FSharp
open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Tests.Bodies

let private accept json =
    match parseChat json with
    | Ok request -> request
    | Error error -> failwith (json + " -> " + error.Message)

let private refuse json =
    match parseChat json with
    | Ok _ -> failwith (json + " was accepted")
    | Error error -> error

[<Fact>]
let ``What is refused is refused with its parameter and code`` () =
    for row in table "chat-refused.jsonl" plainChat do
        let error = refuse row.Body
        Assert.Equal(400, error.Status)
        Assert.Equal("invalid_request_error", error.Kind)
        Assert.Equal((row.Body, row.Param, row.Code), (row.Body, error.Param, error.Code))

        if not (isNull row.Message) then
            Assert.Equal(row.Message, error.Message)

[<Fact>]
let ``What changes nothing is accepted`` () =
    for row in table "chat-accepted.jsonl" plainChat do
        accept row.Body |> ignore

[<Fact>]
let ``Every default is filled in`` () =
    let request = accept plainChat

    Assert.Equal(
        {
            Model = "m"
            Messages = [|
                {
                    Role = ChatRole.User
                    Content = "Hi"
                    Images = [||]
                    Name = null
                    ToolCalls = [||]
                    ToolCallId = null
                    Reasoning = null
                }
            |]
            ToolUse = ToolUse.None
            Format = null
            Prompt = PromptSettings.Default
            Sampling = SamplingSettings.Default
            MaxTokens = Nullable()
            Stop = [||]
            N = 1
            TopLogprobs = Nullable()
            Stream = false
            IncludeUsage = false
            User = null
            CacheSalt = null
        },
        request
    )

[<Fact>]
let ``Every honoured parameter arrives`` () =
    let request =
        accept (
            chatWith
                """{"temperature":0.5,"top_p":0.25,"top_k":7,"min_p":0.125,"seed":-3,"max_completion_tokens":9,
                    "stop":"x","stream":true,"stream_options":{"include_usage":true},"user":"u"}"""
        )

    Assert.Equal(
        {
            SamplingSettings.Default with
                Temperature = 0.5f
                TopP = 0.25f
                TopK = 7
                MinP = 0.125f
                Seed = Nullable -3L
        },
        request.Sampling
    )

    Assert.Equal(Nullable 9, request.MaxTokens)
    Assert.Equal<string[]>([| "x" |], request.Stop)
    Assert.True request.Stream
    Assert.True request.IncludeUsage
    Assert.Equal("u", request.User)

[<Fact>]
let ``The older name of the token limit still works`` () =
    Assert.Equal(Nullable 5, (accept (chatWith """{"max_tokens":5}""")).MaxTokens)

[<Fact>]
let ``Integers may be written as decimals`` () =
    let request = accept (chatWith """{"max_tokens":5.0,"seed":1e18,"top_k":2e1}""")
    Assert.Equal(Nullable 5, request.MaxTokens)
    Assert.Equal(Nullable 1_000_000_000_000_000_000L, request.Sampling.Seed)
    Assert.Equal(20, request.Sampling.TopK)

[<Fact>]
let ``A top_p of zero keeps one token and is no fault`` () =
    let topP = (accept (chatWith """{"top_p":0}""")).Sampling.TopP
    Assert.True(topP > 0f && topP < 1e-30f)

[<Fact>]
let ``Of two fields of one name the last counts`` () =
    Assert.Equal("b", (accept """{"model":"a","model":"b","messages":[{"role":"user","content":"Hi"}]}""").Model)

[<Fact>]
let ``Text parts are joined by line feeds`` () =
    let parts =
        """{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}"""

    Assert.Equal("a\nb", (accept (chatWith parts)).Messages[0].Content)

[<Fact>]
let ``Images are kept with their places, apart from the text`` () =
    let parts =
        """{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:,x","detail":"low"}},{"type":"text","text":"b"},{"type":"image_url","image_url":{"url":"http://h/i.png"}}]}]}"""

    let message = (accept (chatWith parts)).Messages[0]
    Assert.Equal("a\nb", message.Content)
    Assert.Equal<struct (int * string)[]>([| struct (1, "data:,x"); struct (3, "http://h/i.png") |], [| for image in message.Images -> struct (image.Part, image.Url) |])

[<Fact>]
let ``A message may be an image alone`` () =
    let message =
        (accept (chatWith """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:,"}}]}]}"""))
            .Messages[0]

    Assert.Equal(("", 1), (string message.Content, message.Images.Length))

[<Theory>]
[<InlineData("data:image/png;base64,AQID", "010203")>]
[<InlineData("DATA:;BASE64,AQ==", "01")>]
[<InlineData("data:image/jpeg;charset=x;base64,", "")>]
[<InlineData("data:image/png,AQID", null)>]
[<InlineData("data:image/png;base64", null)>]
[<InlineData("data:image/png;base64,A", null)>]
[<InlineData("data:image/png;base64,%%%%", null)>]
[<InlineData("https://example.com/;base64,AQID", null)>]
[<InlineData("", null)>]
let ``Data URLs give their bytes where these are base64`` (url: string) (hex: string) =
    match DataUrl.TryDecode url with
    | true, bytes -> Assert.Equal(hex, Convert.ToHexString(nonNull bytes))
    | false, _ -> Assert.Null hex

[<Fact>]
let ``An assistant's refusal stands for its words`` () =
    let refusal =
        """{"messages":[{"role":"assistant","content":null,"refusal":"I cannot."}]}"""

    Assert.Equal("I cannot.", (accept (chatWith refusal)).Messages[0].Content)

[<Fact>]
let ``Tools are given to the model as chat templates expect them`` () =
    let use' fields = (accept (chatWith fields)).ToolUse

    let tools =
        """"tools":[{"type":"function","function":{"parameters":{"b":1,"a":[]},"strict":false,"name":"f","description":"d é"}},{"type":"function","function":{"name":"g"}}]"""

    let f =
        """{"type":"function","function":{"name":"f","description":"d é","parameters":{"b":1,"a":[]}}}"""

    let g =
        """{"type":"function","function":{"name":"g","parameters":{"type":"object","properties":{}}}}"""

    let both = use' ("{" + tools + "}")
    Assert.Equal<string[]>([| f; g |], both.Tools |> Array.map _.Json)
    Assert.Equal<string[]>([| "f"; "g" |], both.Tools |> Array.map _.Name)
    Assert.True both.IsParallel
    Assert.False both.AsFunctions

    Assert.False((use' ("{\"parallel_tool_calls\":false," + tools + "}")).IsParallel)
    Assert.Empty((use' ("{\"tool_choice\":\"none\"," + tools + "}")).Tools)

    let allowed =
        """{"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"g"}}]}},"""

    Assert.Equal<string[]>([| g |], (use' (allowed + tools + "}")).Tools |> Array.map _.Json)

[<Fact>]
let ``Functions are tools of which one is called`` () =
    let functions fields =
        (accept (chatWith (String.concat "" [ "{\"functions\":[{\"name\":\"g\"}]"; fields; "}" ]))).ToolUse

    let asked = functions ""
    Assert.Equal<string[]>([| "g" |], asked.Tools |> Array.map _.Name)
    Assert.True asked.AsFunctions
    Assert.False asked.IsParallel
    Assert.Empty((functions ",\"function_call\":\"none\"").Tools)

[<Fact>]
let ``Calls, their results and reasoning arrive`` () =
    let messages =
        """{"messages":[{"role":"assistant","content":null,"reasoning":"hm","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"1","content":"r"},{"role":"assistant","function_call":{"name":"g","arguments":""}},{"role":"function","name":"g","content":"s"}]}"""

    let all = (accept (chatWith messages)).Messages

    Assert.Equal<ToolCall[]>(
        [|
            {
                Id = "1"
                Name = "f"
                Arguments = """{"a":1}"""
            }
        |],
        all[0].ToolCalls
    )

    Assert.Null(all[0].Content)
    Assert.Equal("hm", all[0].Reasoning)
    Assert.Equal(("tool", "1", "r"), (all[1].RoleName, string all[1].ToolCallId, string all[1].Content))

    Assert.Equal<ToolCall[]>([| { Id = ""; Name = "g"; Arguments = "" } |], all[2].ToolCalls)

    Assert.Equal(("function", "g", "s"), (all[3].RoleName, string all[3].Name, string all[3].Content))

[<Fact>]
let ``What is asked of the template arrives`` () =
    let prompt fields = (accept (chatWith fields)).Prompt

    Assert.Equal(
        {
            TemplateArguments = """{"enable_thinking":false}"""
            AddsGenerationPrompt = false
            ContinuesFinalMessage = true
            ReasoningEffort = "low"
            ReasoningBudget = null
        },
        prompt
            """{"messages":[{"role":"assistant","content":"a"}],"continue_final_message":true,"reasoning_effort":"low","chat_template_kwargs":{"enable_thinking":false}}"""
    )

[<Fact>]
let ``A budget of reasoning has several names, and -1 is none`` () =
    let budget fields =
        match (accept (chatWith fields)).Prompt.ReasoningBudget with
        | null -> None
        | budget -> Some(budget.MaxTokens, budget.Param)

    Assert.Equal(Some(7, "thinking_token_budget"), budget """{"thinking_token_budget":7}""")
    Assert.Equal(Some(0, "thinking_budget_tokens"), budget """{"thinking_budget_tokens":0}""")
    Assert.Equal(Some(9, "thinking_budget"), budget """{"thinking_budget":9,"thinking_token_budget":-1}""")
    Assert.Equal(Some(9, "thinking_token_budget"), budget """{"thinking_budget":9,"thinking_token_budget":9}""")
    Assert.Equal(None, budget """{"thinking_budget":-1,"thinking_token_budget":null}""")

[<Fact>]
let ``Roles have the words of the wire`` () =
    for role in [ "system"; "developer"; "user"; "assistant" ] do
        let messages =
            String.concat "" [ "{\"messages\":[{\"role\":\""; role; "\",\"content\":\"\"}]}" ]

        Assert.Equal(role, (accept (chatWith messages)).Messages[0].RoleName)

[<Fact>]
let ``Invalid JSON is told with its place`` () =
    Assert.Equal(
        "We could not parse the JSON body of your request. (What was sent is not valid JSON, or is nested too deeply, at line 0, byte 7.)",
        (refuse "{\"a\":1,}").Message
    )

[<Fact>]
let ``A body nested too deeply is refused`` () =
    let deep = String.concat "" [ "{\"x\":"; String('[', 100); String(']', 100); "}" ]

    Assert.StartsWith("We could not parse the JSON body", (refuse deep).Message)

[<Fact>]
let ``Limits are the caller's`` () =
    let narrow = {
        limits with
            MaxMessageCount = 1
            MaxStopLength = 2
            MaxCompletionTokens = 10
    }

    let refuse json =
        match ChatApi.TryParse(sequence (utf8 json), narrow) with
        | true, _, _ -> failwith json
        | false, _, error -> string (nonNull error).Param, string (nonNull error).Code

    let message = """{"role":"user","content":"Hi"}"""

    let two = String.concat "" [ "{\"messages\":["; message; ","; message; "]}" ]

    Assert.Equal(("messages", "array_above_max_length"), refuse (chatWith two))
    Assert.Equal(("stop[0]", "string_above_max_length"), refuse (chatWith """{"stop":["abc"]}"""))
    Assert.Equal(("max_tokens", "integer_above_max_value"), refuse (chatWith """{"max_tokens":11}"""))

/// A request and the JSON of it.
let private written (request: ChatRequest) =
    let output = ArrayBufferWriter<byte>()
    use json = new Utf8JsonWriter(output)
    json.WriteStartObject()
    json.WriteString("model", request.Model)
    json.WriteStartArray "messages"

    for message in request.Messages do
        json.WriteStartObject()
        json.WriteString("role", message.RoleName)
        json.WriteString("content", message.Content)
        json.WriteString("name", message.Name)
        json.WriteEndObject()

    json.WriteEndArray()
    json.WriteNumber("temperature", request.Sampling.Temperature)
    json.WriteNumber("top_p", request.Sampling.TopP)
    json.WriteNumber("top_k", request.Sampling.TopK)
    json.WriteNumber("min_p", request.Sampling.MinP)

    if request.Sampling.Seed.HasValue then
        json.WriteNumber("seed", request.Sampling.Seed.Value)

    if request.MaxTokens.HasValue then
        json.WriteNumber("max_completion_tokens", request.MaxTokens.Value)

    json.WriteStartArray "stop"

    for stop in request.Stop do
        json.WriteStringValue stop

    json.WriteEndArray()
    json.WriteBoolean("stream", request.Stream)

    if request.Stream then
        json.WriteStartObject "stream_options"
        json.WriteBoolean("include_usage", request.IncludeUsage)
        json.WriteEndObject()

    json.WriteString("user", request.User)
    json.WriteEndObject()
    json.Flush()
    output.WrittenSpan.ToArray()

let private requests =
    let text = JsonOutTests.soundText
    let filled = text |> Gen.map (fun text -> "x" + text)
    let name: Gen<string | null> = Gen.elements [ null; "Ann"; "名" ]
    let share = Gen.choose (0, 1000) |> Gen.map (fun share -> float32 share / 1000f)

    gen {
        let! model = filled

        let! messages =
            Gen.nonEmptyListOf (
                gen {
                    let! role =
                        Gen.elements [ ChatRole.System; ChatRole.Developer; ChatRole.User; ChatRole.Assistant ]

                    let! content = text
                    let! name = name

                    return {
                        Role = role
                        Content = content
                        Images = [||]
                        Name = name
                        ToolCalls = [||]
                        ToolCallId = null
                        Reasoning = null
                    }
                }
            )

        let! temperature = share
        let! topP = share
        let! topK = Gen.choose (0, 1000)

        let! seed =
            Gen.elements [ Nullable(); Nullable 0L; Nullable Int64.MinValue; Nullable Int64.MaxValue ]

        let! maxTokens =
            Gen.elements [ Nullable(); Nullable 1; Nullable limits.MaxCompletionTokens ]

        let! stop =
            Gen.choose (0, 4) |> Gen.bind (fun count -> Gen.arrayOfLength count filled)

        let! stream = Gen.elements [ true; false ]
        let! includeUsage = Gen.elements [ true; false ]
        let! user = name

        return {
            Model = model
            Messages = List.toArray messages
            ToolUse = ToolUse.None
            Format = null
            Prompt = PromptSettings.Default
            Sampling = {
                SamplingSettings.Default with
                    Temperature = temperature * 2f
                    TopP = max topP 0.001f
                    TopK = topK
                    MinP = topP
                    Seed = seed
            }
            MaxTokens = maxTokens
            Stop = stop
            N = 1
            TopLogprobs = Nullable()
            Stream = stream
            IncludeUsage = stream && includeUsage
            User = user
            CacheSalt = null
        }
    }

[<Fact>]
let ``A request that is written is read back the same`` () =
    Check.One(
        Config.QuickThrowOnFailure.WithMaxTest 50,
        Prop.forAll (Arb.fromGen (Gen.resize 20 requests)) (fun request ->
            parseChatBytes (sequence (written request)) = Ok request)
    )
