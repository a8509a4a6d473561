module StreamCore.Protocol.Tests.Prompts.PromptTests

open System
open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Templating
open StreamCore.Protocol.Tests.Bodies
open StreamCore.Protocol.Tests.Templating

let private template source : ChatTemplate =
    match Fixture.compile source with
    | Ok template -> template
    | Error error -> failwith error

let private fixture name =
    template (Fixture.read (String.concat "" [ name; ".jinja" ]))

let private model template = {
    Name = "m"
    Template = template
    BeginToken = "<s>"
    EndToken = "</s>"
    ToolSyntax = PromptApi.DetectToolSyntax template
}

let private request fields =
    match parseChat (chatWith fields) with
    | Ok request -> request
    | Error error -> failwith error.Message

let private render template fields =
    match PromptApi.TryRender(model template, request fields, Fixture.now) with
    | true, prompt, _ -> Ok(nonNull prompt)
    | false, _, error -> Error(nonNull error)

let private rendered template fields =
    match render template fields with
    | Ok prompt -> prompt
    | Error error -> failwith error.Message

let private refused template fields =
    match render template fields with
    | Ok prompt -> failwith prompt.Text
    | Error error -> string error.Param, string error.Code

[<Fact>]
let ``An image is refused where it stands, for templates have no place for it`` () =
    let fields =
        """{"messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:,"}}]}]}"""

    Assert.Equal(("messages[1].content[1].type", "unsupported_value"), refused (fixture "chatml") fields)

[<Fact>]
let ``The syntax of calls is told from the template`` () =
    for name, expected in
        [
            "qwen2", ToolSyntax.Hermes
            "qwen3", ToolSyntax.Hermes
            "llama3", ToolSyntax.Llama
            "mistral", ToolSyntax.Mistral
            "granite", ToolSyntax.Granite
            // Templates that know tools in ways of their own, and those that know none.
            "commandr", ToolSyntax.None
            "functionary", ToolSyntax.None
            "deepseek", ToolSyntax.None
            "chatml", ToolSyntax.None
            "phi3", ToolSyntax.None
            "gemma3", ToolSyntax.None
        ] do
        Assert.Equal((name, expected), (name, PromptApi.DetectToolSyntax(fixture name)))

    for source, expected in
        [
            "{{ tools }}<tool_call><function=f><parameter=p></parameter></function></tool_call>", ToolSyntax.Qwen3Coder
            "{{ tools }}<tool_call>{{ name }}<arg_key>{{ key }}</arg_key>", ToolSyntax.Glm
            "{{ tools }}[TOOL_CALLS]{{ name }}[ARGS]{{ arguments }}", ToolSyntax.MistralV11
            "{{ tools }}{{ '<｜tool▁calls▁begin｜>' + name + '```json' }}", ToolSyntax.DeepSeek
            "{{ tools }}{{ '<｜tool▁calls▁begin｜>' + name }}", ToolSyntax.DeepSeekV31
            "{{ tools }}{{ '<|tool_call|>' + calls + '<|/tool_call|>' }}", ToolSyntax.Phi4
            "{{ tools }}<|START_ACTION|>{{ calls }}<|END_ACTION|>", ToolSyntax.CommandR7B
            "{{ tools }}<tool_call><function=f></function></tool_call>", ToolSyntax.None
            "<tool_call>", ToolSyntax.None
            "<｜tool▁calls▁begin｜>", ToolSyntax.None
        ] do
        Assert.Equal((source, expected), (source, PromptApi.DetectToolSyntax(template source)))

[<Fact>]
let ``Every marker of a syntax is to be shown`` () =
    Assert.Equal<string[]>([| "<think>"; "</think>" |], PromptApi.Markers ToolSyntax.None)

    Assert.Equal<string[]>(
        [| "<think>"; "</think>"; "[TOOL_CALLS]"; "[CALL_ID]"; "[ARGS]" |],
        PromptApi.Markers ToolSyntax.MistralV11
    )

    for marker in
        [
            "<tool_call>"
            "</tool_call>"
            "<arg_key>"
            "</arg_key>"
            "<arg_value>"
            "</arg_value>"
        ] do
        Assert.Contains(marker, PromptApi.Markers ToolSyntax.Glm)

let private conversation =
    """"messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_abcdefghijkl","type":"function","function":{"name":"f","arguments":"{\"a\": \"é\"}"}}]},{"role":"tool","tool_call_id":"call_abcdefghijkl","content":"r"}]"""

let private tools =
    """"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{}}}}]"""

let private together (fields: string list) = "{" + String.concat "," fields + "}"

[<Fact>]
let ``Qwen is told of tools, calls and results`` () =
    let prompt = rendered (fixture "qwen2") (together [ tools; conversation ])

    Assert.Contains(
        "<tools>\n{\"type\": \"function\", \"function\": {\"name\": \"f\", \"description\": \"d\", \"parameters\": {\"type\": \"object\", \"properties\": {}}}}\n</tools>",
        prompt.Text
    )

    Assert.EndsWith(
        "<|im_start|>assistant\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"é\"}}\n</tool_call><|im_end|>\n<|im_start|>user\n<tool_response>\nr\n</tool_response><|im_end|>\n<|im_start|>assistant\n",
        prompt.Text
    )

    Assert.Equal(ToolSyntax.Hermes, prompt.Answer.Tools)
    Assert.Equal<string[]>([| "f" |], prompt.Answer.Callable |> Array.map _.Name)
    Assert.False prompt.Answer.IsSingleCall

[<Fact>]
let ``Llama is told of calls in its own words`` () =
    let prompt = rendered (fixture "llama3") (together [ tools; conversation ])
    Assert.Contains("{\"name\": \"f\", \"parameters\": {\"a\": \"é\"}}<|eot_id|>", prompt.Text)

[<Fact>]
let ``Mistral gets ids of nine letters and digits`` () =
    let prompt = rendered (fixture "mistral") (together [ tools; conversation ])
    Assert.Contains("""[TOOL_CALLS][{"name": "f", "arguments": {"a": "é"}, "id": "defghijkl"}]""", prompt.Text)
    Assert.Contains(""""call_id": "defghijkl"}""", prompt.Text)
    let short = conversation.Replace("call_abcdefghijkl", "c-1")
    Assert.Contains(""""call_id": "0000000c1"}""", (rendered (fixture "mistral") (together [ tools; short ])).Text)

[<Fact>]
let ``Arguments are text for a template that cannot take objects, and where they are no object`` () =
    let joining =
        template
            "{% for m in messages %}{% for c in m.tool_calls or [] %}{{ 'tool_calls:' + c.function.arguments }}{% endfor %}{% endfor %}"

    Assert.Equal("tool_calls:{\"a\": \"é\"}", (rendered joining (together [ conversation ])).Text)

    let printing =
        template
            "{% for m in messages %}{% for c in m.tool_calls or [] %}{{ c.function.arguments | tojson }}{% endfor %}{% endfor %}"

    let printed arguments =
        (rendered printing (together [ conversation.Replace("""{\"a\": \"é\"}""", arguments) ])).Text

    Assert.Equal("\"{broken\"", printed "{broken")
    Assert.Equal("\"[1]\"", printed "[1]")
    Assert.Equal("{}", printed "")

[<Fact>]
let ``A template that fails either way is told about with its first fault`` () =
    let failing = template "{{ raise_exception('no tool_calls please') }}"
    Assert.Equal(("messages", "chat_template_error"), refused failing (together [ conversation ]))

[<Fact>]
let ``Results have the names of their tools, functions are tools, and developers are system where nobody knows them``
    ()
    =
    let roles =
        template "{% for m in messages %}{{ m.role }}:{{ m.name or '' }} {% endfor %}{# tool_calls #}"

    Assert.Equal("user: assistant: tool:f ", (rendered roles (together [ conversation ])).Text)

    let functions =
        """"messages":[{"role":"developer","content":"d"},{"role":"assistant","function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"}]"""

    Assert.Equal("system: assistant: tool:f ", (rendered roles (together [ functions ])).Text)

    let known =
        template "{% for m in messages %}{{ m.role }} {% endfor %}{# developer tool_calls #}"

    Assert.Equal("developer assistant tool ", (rendered known (together [ functions ])).Text)

[<Fact>]
let ``What the template does not know is refused`` () =
    Assert.Equal(("tools", "tools_not_supported"), refused (fixture "chatml") (together [ tools ]))
    Assert.Equal(("tools", "tools_not_supported"), refused (fixture "commandr") (together [ tools ]))

    Assert.Equal(("functions", "tools_not_supported"), refused (fixture "chatml") """{"functions":[{"name":"f"}]}""")

    Assert.Equal(("messages[1]", "tools_not_supported"), refused (fixture "phi3") (together [ conversation ]))

    Assert.Equal(("reasoning_effort", "unsupported_value"), refused (fixture "chatml") """{"reasoning_effort":"low"}""")

    Assert.Equal(
        ("reasoning_effort", "unsupported_value"),
        refused (template "<think>") """{"reasoning_effort":"none"}"""
    )

    rendered (fixture "chatml") """{"reasoning_effort":"none"}""" |> ignore

    rendered (fixture "chatml") (together [ tools; "\"tool_choice\":\"none\"" ])
    |> ignore

[<Fact>]
let ``An answer is plain text where no tools may be called and nothing is thought`` () =
    let logprobs = "\"logprobs\":true"
    Assert.Equal(AnswerSyntax.Plain, (rendered (fixture "qwen2") (together [ logprobs ])).Answer)
    let unused = together [ tools; logprobs; "\"tool_choice\":\"none\"" ]
    Assert.Equal(AnswerSyntax.Plain, (rendered (fixture "qwen2") unused).Answer)
    Assert.Equal(ToolSyntax.Hermes, (rendered (fixture "qwen2") (together [ tools; logprobs ])).Answer.Tools)

[<Fact>]
let ``An operator's word on the syntax counts`` () =
    let model = {
        model (fixture "granite") with
            ToolSyntax = ToolSyntax.Json
    }

    match PromptApi.TryRender(model, request (together [ tools ]), Fixture.now) with
    | true, prompt, _ -> Assert.Equal(ToolSyntax.Json, (nonNull prompt).Answer.Tools)
    | false, _, error -> failwith (nonNull error).Message

[<Fact>]
let ``Reasoning effort and further variables reach the template`` () =
    let source =
        "{{ reasoning_effort }}|{{ enable_thinking }}|{{ x.y }}|{{ tools is none }}|{{ bos_token }}{{ eos_token }}"

    let prompt =
        rendered
            (template source)
            """{"reasoning_effort":"high","chat_template_kwargs":{"x":{"y":[1]},"enable_thinking":true}}"""

    Assert.Equal("high|True|[1]|True|<s></s>", prompt.Text)

    Assert.Equal(
        "False",
        (rendered (template "{{ enable_thinking }}{# <think> #}") """{"reasoning_effort":"none"}""").Text
    )

[<Fact>]
let ``Reasoning has a budget where its markers are known, and with none of it the switch is off`` () =
    let switch = template "{{ enable_thinking is defined }}{# <think> #}"
    Assert.Equal("True", (rendered switch """{"thinking_budget":0}""").Text)
    Assert.Equal("False", (rendered switch """{"thinking_budget":1}""").Text)
    rendered (template "<think>") """{"thinking_budget":0}""" |> ignore

    Assert.Equal(
        ("thinking_token_budget", "unsupported_parameter"),
        refused (fixture "chatml") """{"thinking_token_budget":5}"""
    )

[<Fact>]
let ``Earlier reasoning reaches the template`` () =
    let prompt =
        rendered
            (fixture "qwen3")
            """{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a","reasoning_content":"hm"}],"add_generation_prompt":false}"""

    Assert.EndsWith("<|im_start|>assistant\n<think>\nhm\n</think>\n\na<|im_end|>\n", prompt.Text)

let private continuing content =
    String.concat "" [
        """{"continue_final_message":true,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":" """
        content
        "\"}]}"
    ]

[<Fact>]
let ``The last message is gone on with from its end`` () =
    let prompt = rendered (fixture "chatml") (continuing "Hello, ")
    Assert.EndsWith("<|im_start|>assistant\n Hello, ", prompt.Text)
    Assert.True prompt.Answer.ContinuesText

    // A template that trims cannot take the end away.
    Assert.EndsWith("Hello, ", (rendered (fixture "gemma2") (continuing "Hello, ")).Text)

    let empty =
        rendered
            (fixture "chatml")
            """{"continue_final_message":true,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":""}]}"""

    Assert.EndsWith("q<|im_end|>\n<|im_start|>assistant\n", empty.Text)
    Assert.False empty.Answer.ContinuesText

    Assert.Equal(("continue_final_message", "chat_template_error"), refused (template "silence") (continuing "x"))

[<Fact>]
let ``An answer begins within reasoning where the prompt ends in it`` () =
    let opening = template "{{ messages[0].content }}<think>\n"
    Assert.True((rendered opening "{}").Answer.StartsInReasoning)
    Assert.False((rendered (fixture "qwen3") "{}").Answer.StartsInReasoning)
    Assert.True((rendered (fixture "qwen3") "{}").Answer.HasReasoning)
    Assert.False((rendered (fixture "chatml") "{}").Answer.HasReasoning)

    let within =
        rendered (template "{{ messages[-1].content }}{# <think> #}") (continuing "<think>so")

    Assert.True within.Answer.StartsInReasoning
    Assert.False within.Answer.ContinuesText

    let after =
        rendered (template "{{ messages[-1].content }}{# <think> #}") (continuing "<think>so</think>x")

    Assert.False after.Answer.StartsInReasoning
    Assert.True after.Answer.ContinuesText
