namespace StreamCore.Protocol

open System.Text
open System.Text.Json
open StreamCore.Protocol.Grammar

/// What stands between calls, in syntaxes that have a marker before them.
[<NoComparison; NoEquality>]
type internal CallList = {
    /// Whether each call has the markers to itself, or all have them together.
    IsEach: bool
    /// Behind the opening marker.
    Before: string
    Between: string
    After: string
}

/// Calls of tools as models write them.
[<RequireQualifiedAccess>]
module internal CallGrammar =
    let private literal (text: string) = GrammarSpec.Literal text

    let private sequence (parts: GrammarSpec list) =
        GrammarSpec.Sequence(Array.ofList parts)

    let private any part = GrammarSpec.Repeat(part, 0, -1)

    let private text (utf8: byte[]) = Encoding.UTF8.GetString utf8

    /// Arguments are kept to the schema where the answer must be a call, and for strict tools.
    let private isBound (toolUse: ToolUse) (tool: ToolDefinition) = toolUse.MustCall || tool.IsStrict

    let private arguments (toolUse: ToolUse) (tool: ToolDefinition) =
        if isBound toolUse tool then
            use schema = JsonDocument.Parse tool.Parameters
            GrammarSpec.Schema(schema.RootElement, "function " + Shown.quoted tool.Name, toolUse.Param)
        else
            GrammarSpec.AnyObject()

    let private around toolUse tool (before: string list) after =
        sequence [ literal (String.concat "" before); arguments toolUse tool; literal after ]

    let private parameters form (toolUse: ToolUse) tool before after =
        let list =
            if isBound toolUse tool then
                ParameterGrammar.ofTool form toolUse.Param tool
            else
                Ok(ParameterGrammar.any form toolUse.Param)

        list |> Result.map (fun list -> sequence (before @ [ list; literal after ]))

    let private formOf (markup: ToolMarkup) =
        markup.Parts
        |> Array.tryPick (fun part ->
            match part with
            | CallPart.Parameters form -> Some form
            | _ -> None)

    let private call (toolUse: ToolUse) syntax (tool: ToolDefinition) =
        let name = tool.Name

        match syntax, formOf (ToolMarkup.ofSyntax syntax) with
        | ToolSyntax.Qwen3Coder, Some form ->
            let before = literal (String.concat "" [ "<function="; name; ">\n" ])
            parameters form toolUse tool [ before ] "</function>"
        | _, Some form ->
            let before = [ literal name; GrammarSpec.Repeat(literal "\n", 0, 1) ]
            parameters form toolUse tool before ""
        | ToolSyntax.Llama, _ -> Ok(around toolUse tool [ "{\"name\": \""; name; "\", \"parameters\": " ] "}")
        | ToolSyntax.CommandR7B, _ ->
            Ok(
                sequence [
                    literal "{\"tool_call_id\": \""
                    GrammarSpec.Pattern("[0-9]{1,3}", toolUse.Param)
                    around toolUse tool [ "\", \"tool_name\": \""; name; "\", \"parameters\": " ] "}"
                ]
            )
        | ToolSyntax.MistralV11, _ -> Ok(around toolUse tool [ name; "[ARGS]" ] "")
        | ToolSyntax.DeepSeek, _ ->
            let before = [ "<｜tool▁call▁begin｜>function<｜tool▁sep｜>"; name; "\n```json\n" ]
            Ok(around toolUse tool before "\n```<｜tool▁call▁end｜>")
        | ToolSyntax.DeepSeekV31, _ ->
            let before = [ "<｜tool▁call▁begin｜>"; name; "<｜tool▁sep｜>" ]
            Ok(around toolUse tool before "<｜tool▁call▁end｜>")
        | _ -> Ok(around toolUse tool [ "{\"name\": \""; name; "\", \"arguments\": " ] "}")

    /// A call of one of the tools, without the markers around calls.
    let one (toolUse: ToolUse) syntax : Result<GrammarSpec, ApiError> =
        let calls = toolUse.Tools |> Array.map (call toolUse syntax)

        calls
        |> Array.tryPick (fun call ->
            match call with
            | Error fault -> Some(Error fault)
            | Ok _ -> None)
        |> Option.defaultWith (fun () -> Ok(GrammarSpec.Choice(calls |> Array.choose Result.toOption)))

    let private listOf syntax =
        let closing = text (ToolMarkup.ofSyntax syntax).Closing

        let list isEach before between after = {
            IsEach = isEach
            Before = before
            Between = between
            After = after + closing
        }

        match syntax with
        | ToolSyntax.Hermes
        | ToolSyntax.Qwen3Coder -> list true "\n" "\n" "\n"
        | ToolSyntax.Glm -> list true "" "\n" ""
        | ToolSyntax.MistralV11 -> list true "" "" ""
        | ToolSyntax.DeepSeek -> list false "" "\n" ""
        | ToolSyntax.DeepSeekV31 -> list false "" "" ""
        | ToolSyntax.CommandR7B -> list false "[\n    " ",\n    " "\n]"
        | _ -> list false "[" ", " "]"

    /// The item, and more of them where several calls are allowed.
    let private several (toolUse: ToolUse) (between: string) item =
        if toolUse.IsParallel then
            sequence [ item; any (sequence [ literal between; item ]) ]
        else
            item

    /// What follows the marker that opens calls.
    let private afterMarker toolUse (list: CallList) one =
        sequence [
            literal list.Before
            (if list.IsEach then
                 one
             else
                 several toolUse list.Between one)
            literal list.After
        ]

    /// An answer that is calls and nothing else.
    let calls (toolUse: ToolUse) syntax one =
        let markup = ToolMarkup.ofSyntax syntax

        match syntax with
        | ToolSyntax.Llama -> several toolUse "; " one
        | ToolSyntax.Json when toolUse.IsParallel ->
            GrammarSpec.Choice(one, sequence [ literal "["; several toolUse ", " one; literal "]" ])
        | ToolSyntax.Json -> one
        | _ ->
            let list = listOf syntax
            let whole = sequence [ literal (text markup.Opening); afterMarker toolUse list one ]

            if list.IsEach then
                several toolUse list.Between whole
            else
                whole

    /// Any text, in which whatever begins like a call is one. Without a marker, a call begins like any text with a brace: none
    /// other may.
    let textOrCalls (toolUse: ToolUse) syntax one =
        let marker = text (ToolMarkup.ofSyntax syntax).Opening

        match syntax with
        | ToolSyntax.Llama ->
            GrammarSpec.Choice(
                calls toolUse syntax one,
                sequence [
                    any (sequence [ GrammarSpec.TextUntil(marker, "{"); one ])
                    GrammarSpec.TextWithout(marker, "{")
                ]
            )
        | ToolSyntax.Json -> GrammarSpec.Choice(calls toolUse syntax one, GrammarSpec.TextWithout(marker, "{["))
        | _ ->
            sequence [
                any (sequence [ GrammarSpec.TextUntil marker; afterMarker toolUse (listOf syntax) one ])
                GrammarSpec.TextWithout marker
            ]
