namespace StreamCore.Protocol.Grammar

open System
open System.Text.Json
open StreamCore.Protocol

/// Reads `response_format`: OpenAI's `text`, `json_object` and `json_schema`, and our `regex` (`{"type":"regex","regex":"…"}`)
/// and `choice` (`{"type":"choice","choice":["…"]}`). Gives the texts that the answer must be one of, or null for any text.
[<RequireQualifiedAccess>]
module internal ResponseFormatParse =
    [<Literal>]
    let private MaxNameLength = 64

    [<Literal>]
    let private MaxChoices = 4096

    let private types = [| "text"; "json_object"; "json_schema"; "regex"; "choice" |]

    let private isNameCharacter letter =
        Char.IsAsciiLetterOrDigit letter || letter = '_' || letter = '-'

    let private name (value: JsonElement) =
        result {
            let! name = JsonCursor.shortText MaxNameLength value

            if Seq.forall isNameCharacter name then
                return name
            else
                return!
                    JsonFault.here (
                        JsonReason.Other(
                            String.concat "" [
                                "Invalid schema name "
                                Shown.quoted name
                                ": only letters, digits, underscores and dashes are allowed."
                            ],
                            "invalid_value"
                        )
                    )
        }

    /// `strict` is read but changes nothing: a schema that cannot be held to is refused in any case.
    let private jsonSchema (value: JsonElement) =
        result {
            let! owner = JsonCursor.object value
            let! name = JsonCursor.required "name" name owner
            let! _ = JsonCursor.field "strict" JsonCursor.boolean false owner
            let! schema = JsonCursor.required "schema" JsonCursor.object owner
            return GrammarSpec.Schema(schema, "response_format " + Shown.quoted name, "response_format")
        }

    let private pattern value =
        JsonCursor.text value
        |> Result.map (fun pattern -> GrammarSpec.Pattern(pattern, "response_format.regex"))

    let private choice value =
        JsonCursor.filledArray "an array of strings" MaxChoices JsonCursor.text value
        |> Result.map (fun texts -> GrammarSpec.Choice(Array.map GrammarSpec.Literal texts))

    let format (value: JsonElement) : Result<GrammarSpec | null, JsonFault> =
        let orNull (read: Result<GrammarSpec, JsonFault>) : Result<GrammarSpec | null, JsonFault> =
            match read with
            | Ok spec -> Ok spec
            | Error fault -> Error fault

        result {
            let! owner = JsonCursor.object value
            let! kind = JsonCursor.required "type" JsonCursor.text owner

            match kind with
            | "text" -> return null
            | "json_object" -> return GrammarSpec.AnyObject()
            | "json_schema" -> return! orNull (JsonCursor.required "json_schema" jsonSchema owner)
            | "regex" -> return! orNull (JsonCursor.required "regex" pattern owner)
            | "choice" -> return! orNull (JsonCursor.required "choice" choice owner)
            | other -> return! JsonFault.at "type" (JsonReason.UnknownWord(other, types))
        }

    /// The format that a request asks for.
    let orText (request: JsonElement) : Result<GrammarSpec | null, JsonFault> =
        JsonCursor.field "response_format" format null request
