namespace StreamCore.Protocol

open System.Text.Json

/// Which of its tools the model may call.
[<RequireQualifiedAccess; NoComparison>]
type internal ToolChoice =
    | Nothing
    | Anything
    | Required
    | OneOf of Names: string[] * MustCall: bool

[<RequireQualifiedAccess>]
module internal ToolChoiceParse =
    let private words = [| "none"; "auto"; "required" |]
    let private modes = [| "auto"; "required" |]
    let private kinds = [| "function"; "allowed_tools"; "custom" |]

    let private withoutTools =
        JsonReason.Other("'tool_choice' is only allowed when 'tools' are specified.", "invalid_value")

    /// The name of a declared tool.
    let private declared (tools: ToolDefinition[]) value =
        match ToolParse.name value with
        | Ok name when tools |> Array.forall (fun tool -> tool.Name <> name) ->
            let message =
                $"Invalid value: {Shown.quoted name} is not the name of one of the tools."

            JsonFault.here (JsonReason.Other(message, "invalid_value"))
        | other -> other

    let private named tools owner =
        JsonCursor.required
            "function"
            (JsonCursor.object >> Result.bind (JsonCursor.required "name" (declared tools)))
            owner

    let private allowedTool tools value =
        result {
            let! it = JsonCursor.object value
            let! () = JsonCursor.required "type" ToolParse.functionType it
            return! named tools it
        }

    let private mode value =
        match JsonCursor.text value with
        | Ok "auto" -> Ok false
        | Ok "required" -> Ok true
        | Ok other -> JsonFault.here (JsonReason.UnknownWord(other, modes))
        | Error fault -> Error fault

    let private allowed tools value =
        result {
            let! it = JsonCursor.object value

            let! names =
                JsonCursor.required
                    "tools"
                    (JsonCursor.filledArray "an array of objects" System.Int32.MaxValue (allowedTool tools))
                    it

            let! mustCall = JsonCursor.required "mode" mode it
            return ToolChoice.OneOf(names, mustCall)
        }

    let private theOne name = ToolChoice.OneOf([| name |], true)

    let private ofObject tools (value: JsonElement) =
        result {
            let! kind = JsonCursor.required "type" JsonCursor.text value

            return!
                match kind with
                | "function" -> named tools value |> Result.map theOne
                | "allowed_tools" -> JsonCursor.required "allowed_tools" (allowed tools) value
                | "custom" -> JsonFault.at "type" (JsonReason.UnsupportedValue("'custom'", [| "'allowed_tools'" |]))
                | other -> JsonFault.at "type" (JsonReason.UnknownWord(other, kinds))
        }

    let private choice (tools: ToolDefinition[]) (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.String when value.ValueEquals "none" -> Ok ToolChoice.Nothing
        | JsonValueKind.String when value.ValueEquals "auto" -> Ok ToolChoice.Anything
        | JsonValueKind.String when not (value.ValueEquals "required") ->
            JsonCursor.text value
            |> Result.bind (fun word -> JsonFault.here (JsonReason.UnknownWord(word, words)))
        | JsonValueKind.String
        | JsonValueKind.Object when tools.Length = 0 -> JsonFault.here withoutTools
        | JsonValueKind.String -> Ok ToolChoice.Required
        | JsonValueKind.Object -> ofObject tools value
        | _ -> JsonCursor.wrongType "one of a string or object" value

    /// `function_call`, the older form: `none`, `auto`, or an object with a name.
    let private functionCall functions (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.String when value.ValueEquals "none" -> Ok ToolChoice.Nothing
        | JsonValueKind.String when value.ValueEquals "auto" -> Ok ToolChoice.Anything
        | JsonValueKind.String ->
            JsonCursor.text value
            |> Result.bind (fun word -> JsonFault.here (JsonReason.UnknownWord(word, [| "none"; "auto" |])))
        | JsonValueKind.Object -> JsonCursor.required "name" (declared functions) value |> Result.map theOne
        | _ -> JsonCursor.wrongType "one of a string or object" value

    let private both =
        JsonReason.Other("'functions' and 'tools' cannot be used in the same request.", "invalid_parameter_combination")

    let private chosen (tools: ToolDefinition[]) choice =
        match choice with
        | ToolChoice.Nothing -> [||]
        | ToolChoice.Anything
        | ToolChoice.Required -> tools
        | ToolChoice.OneOf(names, _) -> tools |> Array.filter (fun tool -> Array.contains tool.Name names)

    let private mustCall choice =
        match choice with
        | ToolChoice.Required -> true
        | ToolChoice.OneOf(_, mustCall) -> mustCall
        | _ -> false

    /// All that a request says of tools.
    let toolUse limits request =
        result {
            let! tools = ToolParse.tools limits request

            let! choice =
                JsonCursor.field "tool_choice" (choice tools) ToolChoice.Anything request

            let! isParallel =
                JsonCursor.field "parallel_tool_calls" JsonCursor.boolean true request

            let! functions = ToolParse.functions limits request

            let! older =
                JsonCursor.field "function_call" (functionCall functions) ToolChoice.Anything request

            return!
                if functions.Length = 0 then
                    Ok {
                        Tools = chosen tools choice
                        MustCall = mustCall choice
                        IsParallel = isParallel
                        AsFunctions = false
                    }
                elif tools.Length > 0 then
                    JsonFault.at "functions" both
                else
                    Ok {
                        Tools = chosen functions older
                        MustCall = mustCall older
                        IsParallel = false
                        AsFunctions = true
                    }
        }
