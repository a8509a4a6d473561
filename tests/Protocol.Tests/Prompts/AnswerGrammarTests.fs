/// What an answer must be when a format or a call is asked for.
module StreamCore.Protocol.Tests.Prompts.AnswerGrammarTests

open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Grammar
open StreamCore.Protocol.Tests.Grammar
open StreamCore.Protocol.Tests.Tools
open StreamCore.Protocol.Tests.Prompts.Rendered

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
    "qwen2",
    Some ToolSyntax.Qwen3Coder,
    [
        "<tool_call>\n<function=get_weather>\n<parameter=city>\nRome\n</parameter>\n</function>\n</tool_call>"
        "<tool_call>\n<function=f>\n</function>\n</tool_call>\n<tool_call>\n<function=get_weather>\n<parameter=city>\na\nb</parameter>\n<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>"
    ],
    [
        "Hi"
        "<tool_call>\n<function=g>\n</function>\n</tool_call>"
        "<tool_call>\n<function=get_weather>\n</function>\n</tool_call>"
        "<tool_call>\n<function=get_weather>\n<parameter=city>\nRome\n</parameter>\n<parameter=days>\nx\n</parameter>\n</function>\n</tool_call>"
        "<tool_call>\n<function=f>\n<parameter=x>\n1\n</parameter>\n</function>\n</tool_call>"
    ]
    "qwen2",
    Some ToolSyntax.Glm,
    [
        "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Rome</arg_value>\n</tool_call>"
        "<tool_call>f</tool_call>\n<tool_call>get_weather<arg_key>city</arg_key><arg_value>Rome</arg_value><arg_key>days</arg_key><arg_value>2</arg_value></tool_call>"
    ],
    [
        "<tool_call>g</tool_call>"
        "<tool_call>get_weather</tool_call>"
        "<tool_call>get_weather<arg_key>city</arg_key><arg_value>Rome</arg_value><arg_key>days</arg_key><arg_value>two</arg_value></tool_call>"
    ]
    "qwen2",
    Some ToolSyntax.MistralV11,
    [
        "[TOOL_CALLS]get_weather[ARGS]{\"city\":\"Rome\"}"
        "[TOOL_CALLS]f[ARGS]{}[TOOL_CALLS]f[ARGS]{}"
    ],
    [ "f[ARGS]{}"; "[TOOL_CALLS]get_weather[ARGS]{}"; "[TOOL_CALLS]g[ARGS]{}" ]
    "qwen2",
    Some ToolSyntax.DeepSeek,
    [
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{\"city\":\"Rome\"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
    ],
    [ "<｜tool▁calls▁begin｜><｜tool▁calls▁end｜>"; "Hi" ]
    "qwen2",
    Some ToolSyntax.DeepSeekV31,
    [
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{\"city\":\"Rome\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
    ],
    [
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
    ]
    "granite",
    None,
    [
        "<|tool_call|>[{\"name\": \"get_weather\", \"arguments\": {\"city\":\"Rome\"}}]"
        "<|tool_call|>[{\"name\": \"f\", \"arguments\": {}}, {\"name\": \"f\", \"arguments\": {}}]"
    ],
    [ "<|tool_call|>[]"; "<|tool_call|>{\"name\": \"f\", \"arguments\": {}}" ]
    "qwen2",
    Some ToolSyntax.Phi4,
    [
        "<|tool_call|>[{\"name\": \"get_weather\", \"arguments\": {\"city\":\"Rome\"}}]<|/tool_call|>"
        "<|tool_call|>[{\"name\": \"f\", \"arguments\": {}}, {\"name\": \"f\", \"arguments\": {}}]<|/tool_call|>"
    ],
    [ "<|tool_call|>[{\"name\": \"f\", \"arguments\": {}}]" ]
    "qwen2",
    Some ToolSyntax.CommandR7B,
    [
        "<|START_ACTION|>[\n    {\"tool_call_id\": \"0\", \"tool_name\": \"get_weather\", \"parameters\": {\"city\":\"Rome\"}}\n]<|END_ACTION|>"
        "<|START_ACTION|>[\n    {\"tool_call_id\": \"0\", \"tool_name\": \"f\", \"parameters\": {}},\n    {\"tool_call_id\": \"1\", \"tool_name\": \"f\", \"parameters\": {}}\n]<|END_ACTION|>"
    ],
    [ "<|START_ACTION|>[\n]<|END_ACTION|>" ]
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

        let call =
            if accepted[0].Contains "get_weather" then
                accepted[0]
            else
                accepted[0].Replace("\"f\"", "\"get_weather\"").Replace("{}", city)

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

[<Fact>]
let ``strict tools bind what begins like a call where there is no marker`` () =
    let llama = prompt (model "llama3" None) (tools "true" "")

    check llama [
        ""
        "Hello {\"name\""
        " \n<b>{"
        "{\"name\": \"get_weather\", \"parameters\": {\"city\":\"Rome\"}}"
        "{\"name\": \"f\", \"parameters\": {}}; {\"name\": \"f\", \"parameters\": {\"x\": 1}}"
        "I look. <|python_tag|>{\"name\": \"get_weather\", \"parameters\": {\"city\":\"Rome\"}}"
        "<|python_tag|>{\"name\": \"f\", \"parameters\": {}} done"
        "<<|python_ta"
    ] [
        "{"
        " {\"name\": \"get_weather\", \"parameters\": {}}"
        "{\"name\": \"get_weather\", \"parameters\": {\"days\":1}}"
        "{\"title\": 1}"
        "<<|python_tag|>x"
        "<|python_tag|>{\"name\": \"f\", \"parameters\": {}} {\"name\": \"get_weather\", \"parameters\": {}}"
    ]

    let json = prompt (model "qwen2" (Some ToolSyntax.Json)) (tools "true" "")

    check json [
        ""
        "Hello [1]"
        "{\"name\": \"get_weather\", \"arguments\": {\"city\":\"Rome\"}}"
        "[{\"name\": \"f\", \"arguments\": {}}]"
    ] [ "[1]"; "\t{}"; "{\"name\": \"get_weather\", \"arguments\": {}}" ]

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
        GrammarSpec.TextUntil("ab", "{")
        GrammarSpec.TextWithout("ab", "{")
        GrammarSpec.TextWithout("", "ab")
    ]

    let keys = specs () |> List.map _.Key
    Assert.Equal<string list>(keys, specs () |> List.map _.Key)
    Assert.Equal(keys.Length, (List.distinct keys).Length)
