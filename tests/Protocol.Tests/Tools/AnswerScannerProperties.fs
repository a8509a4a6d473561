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

let private isPartOf (answer: string) told =
    match told with
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
            |> List.forall (fun told -> isPartOf answer told && not told.IsOpen)))

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
    | _ -> "[" + joined ", " named calls + "]"

[<Fact>]
let ``Calls that a model writes are read back as they were written, in every syntax`` () =
    let tools =
        Gen.elements [ ToolSyntax.Hermes; ToolSyntax.Llama; ToolSyntax.Mistral; ToolSyntax.Json ]

    check
        500
        (Prop.forAll (Arb.fromGen (Gen.zip tools calls)) (fun (tools, calls) ->
            byteByByte (syntax tools) ("<think>\nhm\n</think>\n\n" + written tools calls) =
                Thought "hm" :: List.map Call calls))
