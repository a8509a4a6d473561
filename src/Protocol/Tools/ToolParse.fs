namespace StreamCore.Protocol

open System.Buffers
open System.Text
open System.Text.Json

/// The definitions of tools.
[<RequireQualifiedAccess>]
module internal ToolParse =
    [<Literal>]
    let private MaxNameLength = 64

    [<Literal>]
    let private NamePattern = "^[a-zA-Z0-9_-]+$"

    let private isNameLetter letter =
        System.Char.IsAsciiLetterOrDigit letter || letter = '_' || letter = '-'

    /// OpenAI's rule for names of functions.
    let name value =
        match JsonCursor.shortText MaxNameLength value with
        | Ok name when not (Seq.forall isNameLetter name) -> JsonFault.here (JsonReason.NoMatch NamePattern)
        | other -> other

    let private noParameters = """{"type":"object","properties":{}}"""

    let private write (name: string) (description: string | null) (parameters: string) =
        let output = ArrayBufferWriter<byte>()
        let json = JsonOut.writer output
        json.WriteStartObject()
        json.WriteString("type", "function")
        json.WriteStartObject "function"
        json.WriteString("name", name)

        match description with
        | null -> ()
        | text -> json.WriteString("description", text)

        json.WritePropertyName "parameters"
        json.WriteRawValue parameters
        json.WriteEndObject()
        json.WriteEndObject()
        json.Dispose()
        Encoding.UTF8.GetString output.WrittenSpan

    /// A function by itself, as `functions` lists it. Without parameters it takes none.
    let private definition (value: JsonElement) =
        result {
            let! it = JsonCursor.object value
            let! name = JsonCursor.required "name" name it
            let! description = JsonCursor.textOrNull "description" JsonCursor.text it

            let! parameters =
                JsonCursor.field "parameters" (JsonCursor.object >> Result.map _.GetRawText()) noParameters it

            let! strict = JsonCursor.field "strict" JsonCursor.boolean false it

            return {
                Name = name
                Json = write name description parameters
                Parameters = parameters
                IsStrict = strict
            }
        }

    let private toolTypes = [| "function"; "custom" |]

    /// The one kind of tool there is here.
    let functionType value =
        match JsonCursor.text value with
        | Ok "function" -> Ok()
        | Ok "custom" -> JsonFault.here (JsonReason.UnsupportedValue("'custom'", [| "'function'" |]))
        | Ok other -> JsonFault.here (JsonReason.UnknownWord(other, toolTypes))
        | Error fault -> Error fault

    let private tool (value: JsonElement) =
        result {
            let! it = JsonCursor.object value
            let! () = JsonCursor.required "type" functionType it
            return! JsonCursor.required "function" definition it
        }

    let private list limits name read request =
        JsonCursor.field name (JsonCursor.array "an array of objects" limits.MaxToolCount read) [||] request

    let tools limits request = list limits "tools" tool request

    let functions limits request =
        list limits "functions" definition request
