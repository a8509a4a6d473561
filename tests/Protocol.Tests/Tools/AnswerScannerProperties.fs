module StreamCore.Protocol.Tests.Tools.AnswerScannerProperties

open System
open System.Text.Json
open FsCheck
open FsCheck.FSharp
open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Tests
open StreamCore.Protocol.Tests.Bodies
open StreamCore.Protocol.Tests.Tools.Scan

let private check count property =
    Check.One(Config.QuickThrowOnFailure.WithMaxTest count, property)

let private syntaxes =
    gen {
        let! tools = Gen.elements (Enum.GetValues<ToolSyntax>())
        let! reasons = Gen.elements [ true; false ]
        let! within = Gen.frequency [ 4, Gen.constant false; 1, Gen.constant true ]
        let! continues = Gen.frequency [ 4, Gen.constant false; 1, Gen.constant true ]
        let! single = Gen.frequency [ 4, Gen.constant false; 1, Gen.constant true ]

        return {
            syntax tools with
                HasReasoning = reasons
                StartsInReasoning = within
                ContinuesText = continues
                IsSingleCall = single
        }
    }

/// Markup, parts of it, and what confuses it, in any order.
let private answers =
    let pieces =
        Gen.frequency [
            6,
            Gen.elements [
                "<tool_call>"
                "</tool_call>"
                "<|python_tag|>"
                "[TOOL_CALLS]"
                "[ARGS]"
                "[CALL_ID]"
                "<|tool_call|>"
                "<|START_ACTION|>"
                "<|END_ACTION|>"
                "<｜tool▁calls▁begin｜>"
                "<｜tool▁call▁begin｜>"
                "function<｜tool▁sep｜>f\n```json\n{\"a\":1}"
                "f<｜tool▁sep｜>{\"a\":1}"
                "\n```<｜tool▁call▁end｜>"
                "<｜tool▁calls▁end｜>"
                "<tool_call><function=f><parameter=s>\n"
                "</parameter><parameter=n>\n"
                "</parameter></function></tool_call>"
                "<tool_call>f<arg_key>s</arg_key><arg_value>"
                "</arg_value><arg_key>n</arg_key>\n<arg_value>"
                "</arg_value>"
                "[TOOL_CALLS]f[ARGS]{\"a\":1}"
                "<think>"
                "</think>"
                "{\"name\":\"f\",\"arguments\":{\"a\":\"}\\\"\"}}"
                "{\"name\": \"get_weather\", \"parameters\": {}}"
                "{\"arguments\":{},\"name\":\"f\"}"
                "{\"name\":\"f\",\"arguments\":"
                "{\"" + String('é', 70)
            ]
            3,
            Gen.elements [
                "<tool_"
                "call>"
                "</"
                "<"
                "[TOOL"
                "\"name\""
                "\"f\""
                "\"arguments\""
                "null"
            ]
            2,
            Gen.elements [
                "f"
                "function"
                "<function="
                "<parameter="
                "<arg_key>"
                ">"
                "```"
                "-1.5"
                "{\"x\":[]}"
            ]
            5, Gen.elements [ "{"; "}"; "["; "]"; "\""; "\\"; ":"; ","; ";"; "\n"; " "; "\n\n" ]
            2, Gen.elements [ "x"; "é"; "日本"; "😀"; "Hello." ]
        ]

    Gen.listOf pieces |> Gen.map (String.concat "") |> Gen.resize 16

/// An answer, and the lengths at which it is looked at: those of tokens, which may cut characters.
let private cut answers =
    gen {
        let! answer = answers
        let length = (utf8 answer).Length
        let! lengths = Gen.listOf (Gen.choose (0, length))
        return answer, List.sort lengths
    }

[<Fact>]
let ``However an answer is cut, the same is told`` () =
    check
        5000
        (Prop.forAll (Arb.fromGen (Gen.zip syntaxes (cut answers))) (fun (syntax, (answer, lengths)) ->
            let whole = scan syntax answer

            scanAt syntax lengths (utf8 answer) = whole && byteByByte syntax answer = whole))

[<Fact>]
let ``Any text is told as the same however it is cut`` () =
    check
        500
        (Prop.forAll (Arb.fromGen (Gen.zip syntaxes (cut JsonOutTests.soundText))) (fun (syntax, (answer, lengths)) ->
            scanAt syntax lengths (utf8 answer) = scan syntax answer))

/// The texts in the JSON of arguments, as far as they came, but for what was escaped.
let private textsIn (json: string) =
    json.Split([| '"'; '\\'; '{'; '}'; ','; ':'; ' ' |])

let private isPartOf tools (answer: string) told =
    match told with
    | Call(name, arguments) when tools = ToolSyntax.Qwen3Coder || tools = ToolSyntax.Glm ->
        answer.Contains(name, StringComparison.Ordinal)
        && (arguments.Contains '\\'
            || textsIn arguments
               |> Array.forall (fun text -> answer.Contains(text, StringComparison.Ordinal)))
    | Text text
    | Thought text -> answer.Contains(text, StringComparison.Ordinal)
    | Call(name, arguments)
    | Open(name, arguments) ->
        answer.Contains(name, StringComparison.Ordinal)
        && (arguments = "{}"
            || answer.Contains(arguments, StringComparison.Ordinal)
            || answer.Contains '\\')

[<Fact>]
let ``Nothing is told that the model did not write, and every call has ended`` () =
    check
        2000
        (Prop.forAll (Arb.fromGen (Gen.zip syntaxes answers)) (fun (syntax, answer) ->
            scan syntax answer
            |> List.forall (fun told -> isPartOf syntax.Tools answer told && not told.IsOpen)))

[<Fact>]
let ``An answer without markup is told whole and at once, but for line feeds at its end`` () =
    let plain =
        JsonOutTests.soundText
        |> Gen.map (fun text -> "x" + text.Replace('<', '(').Replace('[', '('))

    check
        500
        (Prop.forAll (Arb.fromGen (Gen.zip (Gen.elements (Enum.GetValues<ToolSyntax>())) plain)) (fun (tools, answer) ->
            let shown = answer.TrimEnd '\n'

            scan (syntax tools) answer = [ Text answer ]
            && (soFar (syntax tools) answer = [ Text answer ]
                || soFar (syntax tools) answer = [ Text shown ])))

/// JSON objects, as models write arguments.
let private objects =
    let quoted =
        JsonOutTests.soundText |> Gen.map (fun text -> JsonSerializer.Serialize text)

    let rec value depth =
        Gen.frequency [
            4, quoted
            2, Gen.elements [ "1"; "-2.5e3"; "true"; "null" ]
            if depth > 0 then
                1,
                Gen.listOf (value (depth - 1))
                |> Gen.map (fun items -> "[" + String.concat ", " items + "]")

                1, object' (depth - 1)
        ]

    and object' depth =
        Gen.zip quoted (value depth)
        |> Gen.listOf
        |> Gen.map (fun fields ->
            "{"
            + String.concat "," (fields |> List.map (fun (name, value) -> name + ": " + value))
            + "}")

    Gen.resize 6 (object' 2)

let private calls =
    Gen.zip (Gen.elements [ "f"; "get_weather" ]) objects
    |> Gen.nonEmptyListOf
    |> Gen.resize 4

let private joined separator (write: string * string -> string) calls =
    String.concat separator (List.map write calls)

let private named (name, arguments) =
    "{\"name\": \"" + name + "\", \"arguments\": " + arguments + "}"

let private written tools calls =
    match tools with
    | ToolSyntax.Hermes -> joined "\n" (fun call -> "<tool_call>\n" + named call + "\n</tool_call>") calls
    | ToolSyntax.Llama ->
        joined "; " (fun (name, arguments) -> "{\"name\": \"" + name + "\", \"parameters\": " + arguments + "}") calls
    | ToolSyntax.Mistral -> "[TOOL_CALLS][" + joined ", " named calls + "]"
    | ToolSyntax.MistralV11 -> joined "" (fun (name, arguments) -> "[TOOL_CALLS]" + name + "[ARGS]" + arguments) calls
    | ToolSyntax.DeepSeek ->
        let one (name, arguments) =
            String.concat "" [
                "<｜tool▁call▁begin｜>function<｜tool▁sep｜>"
                name
                "\n```json\n"
                arguments
                "\n```<｜tool▁call▁end｜>"
            ]

        "<｜tool▁calls▁begin｜>" + joined "\n" one calls + "<｜tool▁calls▁end｜>"
    | ToolSyntax.DeepSeekV31 ->
        let one (name, arguments) =
            String.concat "" [ "<｜tool▁call▁begin｜>"; name; "<｜tool▁sep｜>"; arguments; "<｜tool▁call▁end｜>" ]

        "<｜tool▁calls▁begin｜>" + joined "" one calls + "<｜tool▁calls▁end｜>"
    | ToolSyntax.Granite -> "<|tool_call|>[" + joined ", " named calls + "]"
    | ToolSyntax.Phi4 -> "<|tool_call|>[" + joined "," named calls + "]<|/tool_call|>"
    | ToolSyntax.CommandR7B ->
        let one (name, arguments) =
            "    {\"tool_call_id\": \"0\", \"tool_name\": \""
            + name
            + "\", \"parameters\": "
            + arguments
            + "}"

        "<|START_ACTION|>[\n" + joined ",\n" one calls + "\n]<|END_ACTION|>"
    | _ -> "[" + joined ", " named calls + "]"

[<Fact>]
let ``Calls that a model writes are read back as they were written, in every syntax`` () =
    let tools =
        Enum.GetValues<ToolSyntax>()
        |> Seq.except [ ToolSyntax.None; ToolSyntax.Qwen3Coder; ToolSyntax.Glm ]
        |> Gen.elements

    check
        1000
        (Prop.forAll (Arb.fromGen (Gen.zip tools calls)) (fun (tools, calls) ->
            byteByByte (syntax tools) ("<think>\nhm\n</think>\n\n" + written tools calls) =
                Thought "hm" :: List.map Call calls))

/// A parameter of the tool f, a value of its kind, and how models write it.
let private values =
    let shown (text: string) = text, JsonSerializer.Serialize text

    let texts =
        JsonOutTests.soundText
        |> Gen.filter (fun text -> not (text.Contains "</"))
        |> Gen.map shown

    Gen.oneof [
        Gen.zip (Gen.elements [ "s"; "u"; "new" ]) texts
        Gen.zip (Gen.constant "n") (Gen.elements [ "1", "1"; "-2.5e3", "-2.5e3"; "many", "\"many\"" ])
        Gen.zip (Gen.constant "i") (Gen.elements [ "7", "7"; "null", "null"; "None", "null"; "\"7\"", "\"\\\"7\\\"\"" ])
        Gen.zip (Gen.constant "b") (Gen.elements [ "true", "true"; "False", "false"; "yes", "\"yes\"" ])
        Gen.zip
            (Gen.constant "o")
            (objects
             |> Gen.filter (fun json -> not (json.Contains "</"))
             |> Gen.map (fun it -> it, it))
        Gen.zip (Gen.constant "l") (Gen.elements [ "[1, \"a\"]", "[1, \"a\"]"; "word", "\"word\"" ])
        Gen.zip (Gen.constant "e") (Gen.elements [ "1", "1"; "one", "\"one\"" ])
    ]

[<Fact>]
let ``Parameters that a model writes one by one are read back as one object of values of their kinds`` () =
    let asQwen (name, (value, _)) =
        "<parameter=" + name + ">\n" + value + "\n</parameter>\n"

    let asGlm (name, (value, _)) =
        "<arg_key>" + name + "</arg_key>\n<arg_value>" + value + "</arg_value>\n"

    let expected parameters =
        "{"
        + String.concat ", " (parameters |> List.map (fun (name, (_, json)) -> "\"" + name + "\": " + json))
        + "}"

    let isSame (left: string) (right: string) =
        JsonElement.DeepEquals(JsonElement.Parse left, JsonElement.Parse right)

    check
        1000
        (Prop.forAll (Arb.fromGen (Gen.resize 5 (Gen.listOf values))) (fun parameters ->
            let parameters = List.distinctBy fst parameters

            [
                ToolSyntax.Qwen3Coder,
                "<tool_call>\n<function=f>\n"
                + String.concat "" (List.map asQwen parameters)
                + "</function>\n</tool_call>"
                ToolSyntax.Glm, "<tool_call>f\n" + String.concat "" (List.map asGlm parameters) + "</tool_call>"
            ]
            |> List.forall (fun (tools, answer) ->
                match byteByByte (syntax tools) answer with
                | [ Call("f", arguments) ] -> isSame arguments (expected parameters)
                | _ -> false)))
