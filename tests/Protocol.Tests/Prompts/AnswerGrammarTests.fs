/// What an answer must be when a format or a call is asked for.
module StreamCore.Protocol.Tests.Prompts.AnswerGrammarTests

open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Grammar
open StreamCore.Protocol.Tests
open StreamCore.Protocol.Tests.Bodies
open StreamCore.Protocol.Tests.Grammar
open StreamCore.Protocol.Tests.Templating
open StreamCore.Protocol.Tests.Tools

let private model name syntax =
    match Fixture.compile (Fixture.read (String.concat "" [ name; ".jinja" ])) with
    | Error error -> failwith error
    | Ok template -> {
        Name = "m"
        Template = template
        BeginToken = "<s>"
        EndToken = "</s>"
        ToolSyntax = defaultArg syntax (PromptApi.DetectToolSyntax template)
      }

let private render model fields =
    match parseChat (chatWith fields) with
    | Error error -> failwith error.Message
    | Ok request ->
        match PromptApi.TryRender(model, request, Fixture.now) with
        | true, prompt, _ -> Ok(nonNull prompt)
        | false, _, error -> Error(nonNull error)

let private prompt model fields =
    match render model fields with
    | Ok prompt -> prompt
    | Error error -> failwith error.Message

let private refused model fields =
    match render model fields with
    | Ok _ -> failwith "should be refused"
    | Error error -> string error.Param, string error.Code

let private tables (prompt: ChatPrompt) =
    match prompt.Grammar with
    | null -> failwith "no grammar"
    | spec -> Compiled.tablesOf spec

let private check prompt accepted refused =
    let tables = tables prompt

    for text in accepted do
        Assert.True(Compiled.accepts tables text, text)

    for text in refused do
        Assert.False(Compiled.accepts tables text, text)

let private weather strict =
    String.concat "" [
        """{"type":"function","function":{"name":"get_weather","strict":"""
        strict
        ""","parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"],"additionalProperties":false}}}"""
    ]

let private nothing = """{"type":"function","function":{"name":"f"}}"""

let private tools strict more =
    String.concat "" [ "{\"tools\":["; weather strict; ","; nothing; "]"; more; "}" ]

let private city = """{"city":"Rome"}"""

let private calls = [
    "qwen2",
    None,
    [
        "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\":\"Rome\"}}\n</tool_call>"
        "<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\":\"\",\"days\":2}}\n</tool_call>"
    ],
    [
        ""
        "Hi"
        "<tool_call>\n{\"name\": \"g\", \"arguments\": {}}\n</tool_call>"
        "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {}}\n</tool_call>"
        "<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n"
        "a<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>"
    ]
    "llama3",
    None,
    [
        "{\"name\": \"get_weather\", \"parameters\": {\"city\":\"Rome\"}}"
        "{\"name\": \"f\", \"parameters\": {}}; {\"name\": \"f\", \"parameters\": {}}"
    ],
    [ "Hi"; "{\"name\": \"get_weather\", \"parameters\": {\"days\":1}}" ]
    "mistral",
    None,
    [
        "[TOOL_CALLS][{\"name\": \"get_weather\", \"arguments\": {\"city\":\"Rome\"}}]"
        "[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {}}, {\"name\": \"f\", \"arguments\": {}}]"
    ],
    [ "[TOOL_CALLS][]"; "{\"name\": \"f\", \"arguments\": {}}" ]
    "qwen2",
    Some ToolSyntax.Json,
    [
        "{\"name\": \"f\", \"arguments\": {}}"
        "[{\"name\": \"f\", \"arguments\": {}}, {\"name\": \"get_weather\", \"arguments\": {\"city\":\"Rome\"}}]"
    ],
    [ "[]"; "{}" ]
]

let private callsIn (prompt: ChatPrompt) text =
    Scan.scan prompt.Answer text
    |> List.map (function
        | Scan.Call(name, _) -> name
        | other -> failwith (string (other.GetType())))

[<Fact>]
let ``where a call is required, the answer is calls as the model writes them, with valid arguments`` () =
    for name, syntax, accepted, refused in calls do
        let prompt =
            prompt (model name syntax) (tools "false" ",\"tool_choice\":\"required\"")

        check prompt accepted refused

        for text in accepted do
            Assert.NotEmpty(callsIn prompt text)

[<Fact>]
let ``a named tool is the one that is called, and one call only where no more are wanted`` () =
    for name, syntax, accepted, _ in calls do
        let named =
            prompt
                (model name syntax)
                (tools
                    "false"
                    ",\"parallel_tool_calls\":false,\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"get_weather\"}}")

        let call = accepted[0].Replace("\"f\"", "\"get_weather\"").Replace("{}", city)
        check named [ call ] [ accepted[1] ]
        Assert.Equal<string list>([ "get_weather" ], callsIn named call)

[<Fact>]
let ``strict tools keep an answer free but for its calls`` () =
    check (prompt (model "qwen2" None) (tools "true" "")) [
        ""
        "Hello {\"name\""
        "Well. <tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\":\"Rome\"}}\n</tool_call>"
        "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"anything\": [1]}}\n</tool_call> done"
    ] [
        "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"days\":1}}\n</tool_call>"
        "<tool_call>Hi"
        "<tool_call>"
    ]

    Assert.Equal(("tools", "unsupported_value"), refused (model "llama3" None) (tools "true" ""))

[<Fact>]
let ``tools that are not strict leave the answer free`` () =
    Assert.Null((prompt (model "qwen2" None) (tools "false" "")).Grammar)
    Assert.Null((prompt (model "chatml" None) "{}").Grammar)

[<Fact>]
let ``a format binds the answer, which may be a call instead where there are tools`` () =
    let format = "\"response_format\":{\"type\":\"choice\",\"choice\":[\"yes\",\"no\"]}"
    let call = "<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>"

    check (prompt (model "chatml" None) (String.concat "" [ "{"; format; "}" ])) [ "yes"; "no" ] [ ""; "yesno"; call ]

    check (prompt (model "qwen2" None) (tools "false" (String.concat "" [ ","; format ]))) [ "yes"; call ] [
        "maybe"
        "no" + call
    ]

    check (prompt (model "qwen2" None) (tools "false" (String.concat "" [ ",\"tool_choice\":\"none\","; format ]))) [
        "no"
    ] [ call ]

[<Fact>]
let ``reasoning comes before the format and is free`` () =
    let format = "{\"response_format\":{\"type\":\"json_object\"}}"

    check (prompt (model "qwen3" None) format) [ "{}"; "<think>\nhm {\n</think>\n\n{\"a\":1}"; "<think></think>{}" ] [
        "<think>hm"
        "hm{}"
        "<think></think>"
    ]

    let over =
        """{"response_format":{"type":"json_object"},"chat_template_kwargs":{"enable_thinking":false}}"""

    check (prompt (model "qwen3" None) over) [ "{}" ] [ "<think>hm</think>{}" ]

[<Fact>]
let ``an answer that goes on cannot be kept to a format`` () =
    let fields =
        """{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"continue_final_message":true,"response_format":{"type":"json_object"}}"""

    Assert.Equal(("continue_final_message", "invalid_parameter_combination"), refused (model "chatml" None) fields)

[<Fact>]
let ``keys are the same for the same descriptions and no others`` () =
    let specs () = [
        GrammarSpec.Literal "ab"
        GrammarSpec.Pattern("ab", "p")
        GrammarSpec.Schema(Compiled.json "{\"a\":1}", "o", "p")
        GrammarSpec.AnyObject()
        GrammarSpec.Sequence(GrammarSpec.Literal "a", GrammarSpec.Literal "b")
        GrammarSpec.Choice(GrammarSpec.Literal "a", GrammarSpec.Literal "b")
        GrammarSpec.Repeat(GrammarSpec.Literal "ab", 1, 12)
        GrammarSpec.Repeat(GrammarSpec.Literal "ab", 11, 12)
        GrammarSpec.TextUntil "ab"
        GrammarSpec.TextWithout "ab"
    ]

    let keys = specs () |> List.map _.Key
    Assert.Equal<string list>(keys, specs () |> List.map _.Key)
    Assert.Equal(keys.Length, (List.distinct keys).Length)
