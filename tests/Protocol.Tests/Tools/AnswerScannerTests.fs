module StreamCore.Protocol.Tests.Tools.AnswerScannerTests

open System
open Xunit
open StreamCore.Protocol
open StreamCore.TestKit
open StreamCore.Protocol.Tests.Bodies
open StreamCore.Protocol.Tests.Tools.Scan

let private check tools (rows: (string * Told list) list) =
    for answer, expected in rows do
        Assert.Equal<Told list>(expected, scan (syntax tools) answer)
        Assert.Equal<Told list>(expected, byteByByte (syntax tools) answer)

[<Fact>]
let ``Hermes`` () =
    check ToolSyntax.Hermes [
        "", []
        "Hello.\n", [ Text "Hello.\n" ]
        "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>", [ Call("f", "{\"a\": 1}") ]
        "Let me see.\n\n<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>\n",
        [ Text "Let me see."; Call("f", "{}") ]
        // Several calls, with and without what belongs between them.
        "<tool_call>\n{\"name\":\"f\",\"arguments\":{\"a\":1}}\n</tool_call>\n<tool_call>\n{\"name\":\"get_weather\",\"arguments\":{\"a\":2}}\n</tool_call>",
        [ Call("f", "{\"a\":1}"); Call("get_weather", "{\"a\":2}") ]
        "<tool_call>{\"name\":\"f\"}</tool_call><tool_call>{\"name\":\"f\"}</tool_call> done",
        [ Call("f", "{}"); Call("f", "{}"); Text "done" ]
        // Braces, quotes, markers and escapes inside strings are no structure.
        """<tool_call>{"name":"f","arguments":{"a":"}{\"]","b":"\\","c":"</tool_call>"}}</tool_call>""",
        [ Call("f", """{"a":"}{\"]","b":"\\","c":"</tool_call>"}""") ]
        """<tool_call>{"name":"f","arguments":{"城":"\u00e9 😀","n":[1,{"x":[]}],"e":-1.5e3}}</tool_call>""",
        [ Call("f", """{"城":"\u00e9 😀","n":[1,{"x":[]}],"e":-1.5e3}""") ]
        // Fields in any order, fields of no meaning, arguments under the other name, as a string, or missing.
        """<tool_call>{"arguments":{"a":1},"name":"f"}</tool_call>""", [ Call("f", """{"a":1}""") ]
        """<tool_call>{"type":"function","x":[{"y":"}"}],"name":"f","parameters":{"a":1},"z":null}</tool_call>""",
        [ Call("f", """{"a":1}""") ]
        """<tool_call>{"name":"f","arguments":"{\"a\": \"\u00e9\"}"}</tool_call>""", [ Call("f", """{"a": "é"}""") ]
        """<tool_call>{"arguments":"{\"a\":1}","name":"f"}</tool_call>""", [ Call("f", """{"a":1}""") ]
        """<tool_call>{"name":"f","arguments":null}</tool_call>""", [ Call("f", "{}") ]
        // What is no call is content, word for word.
        "Write <tool_call> around it.", [ Text "Write <tool_call> around it." ]
        "<tool_call>{\"name\":\"nobody\",\"arguments\":{}}</tool_call>",
        [ Text "<tool_call>{\"name\":\"nobody\",\"arguments\":{}}</tool_call>" ]
        "<tool_call>{\"name\":1}</tool_call>", [ Text "<tool_call>{\"name\":1}</tool_call>" ]
        "<tool_call>{\"a\" 1}", [ Text "<tool_call>{\"a\" 1}" ]
        "<tool_call>[1]</tool_call>", [ Text "<tool_call>[1]</tool_call>" ]
        "a <tool_call <tool_call>{\"name\":\"f\"}</tool_call>", [ Text "a <tool_call "; Call("f", "{}") ]
        "<tool_call><tool_call>{\"name\":\"f\"}</tool_call>", [ Text "<tool_call>"; Call("f", "{}") ]
        // Cut off: before it is a call, it is content; after, it is told as far as it came.
        "x\n<tool_ca", [ Text "x\n<tool_ca" ]
        "<tool_call>{\"name\":\"f\",\"argu", [ Text "<tool_call>{\"name\":\"f\",\"argu" ]
        "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":\"b\\", [ Call("f", "{\"a\":\"b\\") ]
        "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":1}}", [ Call("f", "{\"a\":1}") ]
        "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":1</tool_call> Done.", [ Call("f", "{\"a\":1"); Text "Done." ]
        "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":1</tool_", [ Call("f", "{\"a\":1</tool_") ]
        // A brace too many is forgiven.
        "<tool_call>{\"name\":\"f\",\"arguments\":{}}}\n</tool_call>", [ Call("f", "{}") ]
        "<tool_call>{\"name\":\"f\",\"arguments\":{}} and more", [ Call("f", "{}"); Text "and more" ]
    ]

[<Fact>]
let ``Llama`` () =
    check ToolSyntax.Llama [
        """{"name": "f", "parameters": {"a": "b"}}""", [ Call("f", """{"a": "b"}""") ]
        """ {"type": "function", "name": "f", "parameters": {}}""", [ Call("f", "{}") ]
        """<|python_tag|>{"name": "f", "parameters": {"a": 1}}""", [ Call("f", """{"a": 1}""") ]
        """I look. <|python_tag|>{"name": "f", "parameters": {"a": 1}}""",
        [ Text "I look. "; Call("f", """{"a": 1}""") ]
        """{"name": "f", "parameters": {"a": 1}}; {"name": "get_weather", "parameters": {"a": 2}}""",
        [ Call("f", """{"a": 1}"""); Call("get_weather", """{"a": 2}""") ]
        // JSON that is asked for is an answer, not a call.
        """{"name": "Ann", "parameters": {"age": 3}}""", [ Text """{"name": "Ann", "parameters": {"age": 3}}""" ]
        """{"title": "f", "name": "f"}""", [ Text """{"title": "f", "name": "f"}""" ]
        """{"name": "f", "age": 3}""", [ Text """{"name": "f", "age": 3}""" ]
        """[{"name": "f", "parameters": {}}]""", [ Text """[{"name": "f", "parameters": {}}]""" ]
        """So: {"name": "f", "parameters": {}}""", [ Text """So: {"name": "f", "parameters": {}}""" ]
        "<|python_tag|>print(1)", [ Text "<|python_tag|>print(1)" ]
        "{}", [ Text "{}" ]
    ]

[<Fact>]
let ``Mistral`` () =
    check ToolSyntax.Mistral [
        """[TOOL_CALLS][{"name": "f", "arguments": {"a": 1}}]""", [ Call("f", """{"a": 1}""") ]
        """[TOOL_CALLS] [{"name": "f", "arguments": {"a": "]"}, "id": "abcdefghi"}, {"name": "get_weather", "arguments": {}}]""",
        [ Call("f", """{"a": "]"}"""); Call("get_weather", "{}") ]
        """Wait. [TOOL_CALLS] {"name": "f", "arguments": {}}""", [ Text "Wait. "; Call("f", "{}") ]
        """[TOOL_CALLS][{"name": "f", "arguments": {}}, {"name": "nobody", "arguments": {}}]""",
        [ Call("f", "{}"); Text """{"name": "nobody", "arguments": {}}]""" ]
        """[TOOL_CALLS][{"name": "f", "arguments": {}}, """, [ Call("f", "{}") ]
        "[1, 2]", [ Text "[1, 2]" ]
        "[TOOL_CALLS]", [ Text "[TOOL_CALLS]" ]
        "[TOOL_CALLS][]", [ Text "[TOOL_CALLS][]" ]
        "[TOOL_", [ Text "[TOOL_" ]
    ]

[<Fact>]
let ``Plain JSON`` () =
    check ToolSyntax.Json [
        """{"name":"f","arguments":{"a":1}}""", [ Call("f", """{"a":1}""") ]
        """[{"name":"f","arguments":{"a":1}},{"name":"f","parameters":{}}]""",
        [ Call("f", """{"a":1}"""); Call("f", "{}") ]
        """[{"name":"Ann"}]""", [ Text """[{"name":"Ann"}]""" ]
        "[1]", [ Text "[1]" ]
        "<tool_call>", [ Text "<tool_call>" ]
    ]

[<Fact>]
let ``Reasoning comes before the answer, without the line feeds of its markup`` () =
    check ToolSyntax.Hermes [
        "<think>\nI think.\n\nSo.\n</think>\n\nHello", [ Thought "I think.\n\nSo."; Text "Hello" ]
        "\n<think>a</think>", [ Thought "a" ]
        "<think>\n\n</think>\n\nHello", [ Text "Hello" ]
        "<think>a</think>\n<tool_call>{\"name\":\"f\"}</tool_call>", [ Thought "a"; Call("f", "{}") ]
        // Calls that are only thought of are none.
        "<think>a <tool_call>{\"name\":\"f\"}</tool_call>\n</think>b",
        [ Thought "a <tool_call>{\"name\":\"f\"}</tool_call>"; Text "b" ]
        "<think>never ends</thin", [ Thought "never ends</thin" ]
        // Only the beginning of an answer is for reasoning.
        "I say <think>a</think>", [ Text "I say <think>a</think>" ]
        "<think>a</think><think>b</think>", [ Thought "a"; Text "<think>b</think>" ]
        "<tool_call>{\"name\":\"f\"}</tool_call><think>b</think>", [ Call("f", "{}"); Text "<think>b</think>" ]
        "<thin", [ Text "<thin" ]
        "<b>", [ Text "<b>" ]
    ]

    check ToolSyntax.Json [ "<think>a</think>{\"name\":\"f\"}", [ Thought "a"; Call("f", "{}") ] ]

[<Fact>]
let ``An answer may begin within reasoning`` () =
    let within = {
        syntax ToolSyntax.Hermes with
            StartsInReasoning = true
    }

    for answer, expected in
        [
            "\nI think.\n</think>\n\nHello", [ Thought "I think."; Text "Hello" ]
            "I think", [ Thought "I think" ]
            "</think>Hello", [ Text "Hello" ]
        ] do
        Assert.Equal<Told list>(expected, scan within answer)
        Assert.Equal<Told list>(expected, byteByByte within answer)

[<Fact>]
let ``A continued text has no beginning`` () =
    let continued = {
        syntax ToolSyntax.Json with
            ContinuesText = true
    }

    for answer in [ "<think>a</think>"; "{\"name\":\"f\"}"; "\n\nx" ] do
        Assert.Equal<Told list>([ Text answer ], byteByByte continued answer)

[<Fact>]
let ``Without tools and reasoning all is text`` () =
    for answer in
        [
            "<think>a</think>"
            "<tool_call>{\"name\":\"f\"}</tool_call>"
            "{\"name\":\"f\"}"
            "[TOOL_CALLS]"
        ] do
        Assert.Equal<Told list>([ Text answer ], byteByByte AnswerSyntax.Plain answer)

[<Fact>]
let ``Where one call is asked for, nothing after it is told`` () =
    let single = {
        syntax ToolSyntax.Hermes with
            IsSingleCall = true
    }

    let answer =
        "a<tool_call>{\"name\":\"f\"}</tool_call><tool_call>{\"name\":\"f\"}</tool_call>b"

    Assert.Equal<Told list>([ Text "a"; Call("f", "{}") ], byteByByte single answer)

[<Fact>]
let ``Only what may still be markup is held back`` () =
    for answer, expected in
        [
            "Hello", [ Text "Hello" ]
            "Hello <", [ Text "Hello " ]
            "Hello <t", [ Text "Hello " ]
            "Hello <tx", [ Text "Hello <tx" ]
            "Hello\n\n", [ Text "Hello" ]
            "Hello\n\nx", [ Text "Hello\n\nx" ]
            "Hello <tool_call>\n", [ Text "Hello " ]
            "Hello <tool_call>\nx", [ Text "Hello <tool_call>\nx" ]
            "<th", []
            "<tx", [ Text "<tx" ]
            "<think>a </", [ Thought "a " ]
            "<think>a </b", [ Thought "a </b" ]
        ] do
        Assert.Equal<Told list>(expected, soFar (syntax ToolSyntax.Hermes) answer)

    let word = "<tool_call>{\"" + String.replicate 129 "x"
    Assert.Equal<Told list>([ Text word ], soFar (syntax ToolSyntax.Hermes) word)

    Assert.Equal<Told list>([ Text "{\"title\"" ], soFar (syntax ToolSyntax.Llama) "{\"title\"")
    Assert.Equal<Told list>([ Text "{\"name\":\"Ann\"" ], soFar (syntax ToolSyntax.Llama) "{\"name\":\"Ann\"")

[<Fact>]
let ``A call is told of as soon as its arguments begin, and they come as they are written`` () =
    for answer, expected in
        [
            "<tool_call>{\"name\":\"f\",\"arguments\":", []
            "<tool_call>{\"name\":\"f\",\"arguments\":{", [ Open("f", "{") ]
            "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":\"b", [ Open("f", "{\"a\":\"b") ]
            "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":\"b\"}", [ Open("f", "{\"a\":\"b\"}") ]
            "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":\"b\"}}", [ Call("f", "{\"a\":\"b\"}") ]
        ] do
        Assert.Equal<Told list>(expected, soFar (syntax ToolSyntax.Hermes) answer)

type private Deaf() =
    interface IAnswerEvents with
        member _.Text(_, _) = ()
        member _.Reasoning _ = ()
        member _.CallBegin(_, _) = ()
        member _.CallArguments(_, _) = ()
        member _.CallEnd _ = ()

/// The budget: nothing per piece.
[<Fact>]
let ``Reading text and arguments allocates nothing`` () =
    let bytes =
        utf8 (
            String.concat "" [
                String.replicate 100 "Some < text\n"
                "<tool_call>{\"name\":\"f\",\"arguments\":{"
                String.replicate 100 "\"a\": [1, \"<\\n\"],"
                "}}</tool_call>"
            ]
        )

    let events = Deaf()

    let scanner = ref Unchecked.defaultof<AnswerScanner>

    let renew () =
        scanner.Value <- AnswerScanner(syntax ToolSyntax.Hermes)

    let read () =
        for length in 0 .. bytes.Length do
            scanner.Value.Read(ReadOnlySpan(bytes, 0, length), (length = bytes.Length), events)

    Assert.Equal(0L, AllocatedBytes.Least(renew, read))
