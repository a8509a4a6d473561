/// Calls that are written with markers, or as lists between markers.
module StreamCore.Protocol.Tests.Tools.MarkedCallTests

open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Tests.Tools.Scan

let private check tools (rows: (string * Told list) list) =
    for answer, expected in rows do
        Assert.Equal<Told list>(expected, scan (syntax tools) answer)
        Assert.Equal<Told list>(expected, byteByByte (syntax tools) answer)

[<Fact>]
let ``Qwen3-Coder`` () =
    check ToolSyntax.Qwen3Coder [
        "I look.\n\n<tool_call>\n<function=f>\n<parameter=s>\nRome\n</parameter>\n<parameter=n>\n3\n</parameter>\n</function>\n</tool_call>",
        [ Text "I look."; Call("f", """{"s": "Rome", "n": 3}""") ]
        // Several calls, none of the white space, and a call without parameters.
        "<tool_call><function=f><parameter=s>a</parameter></function></tool_call><tool_call><function=get_weather></function></tool_call> done",
        [ Call("f", """{"s": "a"}"""); Call("get_weather", "{}"); Text "done" ]
        // Text is taken as it stands but for one line feed at each end, and needs no escapes.
        "<tool_call><function=f><parameter=s>\n\n \"q\" \\ </tool_call>\t<b>\n\n</parameter></function></tool_call>",
        [ Call("f", "{\"s\": \"\\n \\\"q\\\" \\\\ </tool_call>\\u0009<b>\\n\"}") ]
        "<tool_call><function=f><parameter=s>\n\n</parameter></function></tool_call>", [ Call("f", """{"s": ""}""") ]
        // Text also where the schema has the word of another kind, and where it has none.
        "<tool_call><function=f><parameter=s>1</parameter><parameter=u>true</parameter><parameter=new>{}</parameter></function></tool_call>",
        [ Call("f", """{"s": "1", "u": "true", "new": "{}"}""") ]
        // The end of the function may be missing, or that of the call.
        "<tool_call><function=f><parameter=b>True</parameter></tool_call>x", [ Call("f", """{"b": true}"""); Text "x" ]
        "<tool_call><function=f><parameter=b>true</parameter></function>", [ Call("f", """{"b": true}""") ]
        // What is no call is content, word for word.
        "<tool_call><function=nobody></function></tool_call>",
        [ Text "<tool_call><function=nobody></function></tool_call>" ]
        "<tool_call>\n{\"name\":\"f\"}</tool_call>", [ Text "<tool_call>\n{\"name\":\"f\"}</tool_call>" ]
        "<tool_call><function=f>Hi", [ Text "<tool_call><function=f>Hi" ]
        "<tool_call><function=f><param", [ Text "<tool_call><function=f><param" ]
        // Cut off: told as far as it came, values other than text when they are whole.
        "<tool_call><function=f><parameter=s>Ro\n</para", [ Call("f", "{\"s\": \"Ro\\n</para") ]
        "<tool_call><function=f><parameter=n>12", [ Call("f", """{"n": """) ]
        "<tool_call><function=f><parameter=s>a</parameter> and more", [ Call("f", "{\"s\": \"a\""); Text "and more" ]
    ]

[<Fact>]
let ``GLM`` () =
    check ToolSyntax.Glm [
        "<tool_call>f\n<arg_key>s</arg_key>\n<arg_value>Rome\n</arg_value>\n<arg_key>o</arg_key>\n<arg_value>{\"a\": [1]}</arg_value>\n</tool_call>",
        [ Call("f", """{"s": "Rome\n", "o": {"a": [1]}}""") ]
        "So<tool_call>get_weather</tool_call>\n<tool_call>f<arg_key>l</arg_key><arg_value>x</arg_value></tool_call>",
        [ Text "So"; Call("get_weather", "{}"); Call("f", """{"l": "x"}""") ]
        "<tool_call>f is a tool", [ Text "<tool_call>f is a tool" ]
        "<tool_call>nobody\n</tool_call>", [ Text "<tool_call>nobody\n</tool_call>" ]
        "<tool_call>f<arg_key>s</arg_key>x", [ Call("f", "{\"s\": "); Text "x" ]
        "<tool_call>f", [ Text "<tool_call>f" ]
    ]

[<Fact>]
let ``Mistral, with names before arguments`` () =
    check ToolSyntax.MistralV11 [
        """[TOOL_CALLS]f[ARGS]{"a": "]"}[TOOL_CALLS]get_weather[ARGS]{}""",
        [ Call("f", """{"a": "]"}"""); Call("get_weather", "{}") ]
        """I look.[TOOL_CALLS] f[CALL_ID]abcdefghi[ARGS] {"a": 1}""", [ Text "I look."; Call("f", """{"a": 1}""") ]
        """[TOOL_CALLS]f[ARGS]{"a": 1} done""", [ Call("f", """{"a": 1}"""); Text "done" ]
        """[TOOL_CALLS]nobody[ARGS]{}""", [ Text """[TOOL_CALLS]nobody[ARGS]{}""" ]
        """[TOOL_CALLS]f{}""", [ Text """[TOOL_CALLS]f{}""" ]
        """[TOOL_CALLS]f[ARGS]1""", [ Text """[TOOL_CALLS]f[ARGS]1""" ]
        """[TOOL_CALLS]f[ARGS]{"a""", [ Call("f", "{\"a") ]
        """[TOOL_CALLS]f[ARG""", [ Text "[TOOL_CALLS]f[ARG" ]
    ]

[<Fact>]
let ``DeepSeek`` () =
    check ToolSyntax.DeepSeek [
        "I look.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\": \"```\"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        [ Text "I look."; Call("f", "{\"a\": \"```\"}"); Call("get_weather", "{}") ]
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\": 1<｜tool▁call▁end｜><｜tool▁calls▁end｜>x",
        [ Call("f", "{\"a\": 1"); Text "x" ]
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>nobody\n```json\n{}\n```",
        [
            Text "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>nobody\n```json\n{}\n```"
        ]
    ]

    check ToolSyntax.DeepSeekV31 [
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{\"a\": 1}<｜tool▁call▁end｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        [ Call("f", "{\"a\": 1}"); Call("get_weather", "{}") ]
        "<think>hm</think>Hi<｜tool▁calls▁beg", [ Thought "hm"; Text "Hi<｜tool▁calls▁beg" ]
    ]

[<Fact>]
let ``Lists between markers`` () =
    check ToolSyntax.Granite [
        """<|tool_call|>[{"name": "f", "arguments": {"a": 1}}, {"name": "f", "arguments": {}}]""",
        [ Call("f", """{"a": 1}"""); Call("f", "{}") ]
    ]

    check ToolSyntax.Phi4 [
        """So<|tool_call|>[{"name": "f", "arguments": {"a": 1}}]<|/tool_call|> done""",
        [ Text "So"; Call("f", """{"a": 1}"""); Text "done" ]
        """<|tool_call|>[{"name": "f", "arguments": {"a": 1<|/tool_call|>""", [ Call("f", """{"a": 1""") ]
    ]

    check ToolSyntax.CommandR7B [
        "<|START_ACTION|>[\n    {\"tool_call_id\": \"0\", \"tool_name\": \"f\", \"parameters\": {\"a\": 1}}\n]<|END_ACTION|>",
        [ Call("f", """{"a": 1}""") ]
        "<|START_ACTION|>[]<|END_ACTION|>", [ Text "<|START_ACTION|>[]<|END_ACTION|>" ]
    ]

[<Fact>]
let ``Text in parameters is told while it comes`` () =
    for answer, expected in
        [
            "<tool_call><function=f><parameter=s", []
            "<tool_call><function=f><parameter=s>", [ Open("f", "{\"s\": ") ]
            "<tool_call><function=f><parameter=s>\nlong", [ Open("f", "{\"s\": \"long") ]
            "<tool_call><function=f><parameter=s>\nlong\n</", [ Open("f", "{\"s\": \"long") ]
            "<tool_call><function=f><parameter=s>\nlong\n</b", [ Open("f", "{\"s\": \"long\\n</b") ]
            "<tool_call><function=f><parameter=n>\n12", [ Open("f", "{\"n\": ") ]
        ] do
        Assert.Equal<Told list>(expected, soFar (syntax ToolSyntax.Qwen3Coder) answer)
