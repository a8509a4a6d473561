namespace StreamCore.Protocol

open System
open System.Text.Json

/// `prompt`: one or several, each a text or tokens.
[<RequireQualifiedAccess>]
module internal CompletionPromptParse =
    [<Literal>]
    let private PromptKinds =
        "a string, array of strings, array of tokens, or array of token arrays"

    let private ofText text : CompletionPrompt = { Text = text; Tokens = null }
    let private ofTokens tokens : CompletionPrompt = { Text = null; Tokens = tokens }

    let private token value =
        JsonCursor.smallInteger 0 Int32.MaxValue value

    let private tokens value =
        JsonCursor.filledArray "an array of tokens" Int32.MaxValue token value

    /// What the first item is, all must be.
    let prompts limits (value: JsonElement) =
        let many read ofItem =
            JsonCursor.filledArray PromptKinds limits.MaxPromptCount (read >> Result.map ofItem) value

        let kind =
            if value.ValueKind = JsonValueKind.Array && value.GetArrayLength() > 0 then
                value[0].ValueKind
            else
                JsonValueKind.Undefined

        match value.ValueKind, kind with
        | JsonValueKind.String, _ -> JsonCursor.text value |> Result.map (ofText >> Array.singleton)
        | JsonValueKind.Array, JsonValueKind.Number -> tokens value |> Result.map (ofTokens >> Array.singleton)
        | JsonValueKind.Array, JsonValueKind.Array -> many tokens ofTokens
        | JsonValueKind.Array, JsonValueKind.String -> many JsonCursor.text ofText
        | JsonValueKind.Array, JsonValueKind.Undefined -> JsonFault.here JsonReason.EmptyArray
        | _ -> JsonCursor.wrongType PromptKinds value
