namespace StreamCore.Protocol

open System
open System.Collections.Generic
open System.Text
open System.Text.Json

/// Kinds of JSON values, as a schema names them.
[<Flags>]
type internal JsonKinds =
    | None = 0
    | Text = 1
    | Number = 2
    | Boolean = 4
    | Object = 8
    | Array = 16
    | Null = 32

/// What kinds of values the schemas of a tool's parameters declare.
[<RequireQualifiedAccess>]
module internal ParameterKinds =
    /// References may go round in circles.
    [<Literal>]
    let private MaxDepth = 8

    let private ofWord (word: JsonElement) =
        match word.ValueKind with
        | JsonValueKind.String ->
            match word.GetString() with
            | "string" -> JsonKinds.Text
            | "integer"
            | "number" -> JsonKinds.Number
            | "boolean" -> JsonKinds.Boolean
            | "object" -> JsonKinds.Object
            | "array" -> JsonKinds.Array
            | "null" -> JsonKinds.Null
            | _ -> JsonKinds.None
        | _ -> JsonKinds.None

    let private ofValue (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.String -> JsonKinds.Text
        | JsonValueKind.Number -> JsonKinds.Number
        | JsonValueKind.True
        | JsonValueKind.False -> JsonKinds.Boolean
        | JsonValueKind.Object -> JsonKinds.Object
        | JsonValueKind.Array -> JsonKinds.Array
        | JsonValueKind.Null -> JsonKinds.Null
        | _ -> JsonKinds.None

    let private all (ofOne: JsonElement -> JsonKinds) (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.Array ->
            value.EnumerateArray()
            |> Seq.fold (fun kinds one -> kinds ||| ofOne one) JsonKinds.None
        | _ -> ofOne value

    let private field (name: string) (value: JsonElement) =
        let mutable found = JsonElement()

        if value.ValueKind = JsonValueKind.Object && value.TryGetProperty(name, &found) then
            ValueSome found
        else
            ValueNone

    /// What a reference to a place among the definitions stands for.
    let private target (root: JsonElement) (pointer: JsonElement) =
        match pointer.ValueKind with
        | JsonValueKind.String ->
            match (string (pointer.GetString())).Split '/' with
            | [| "#"; group; name |] -> field group root |> ValueOption.bind (field name)
            | _ -> ValueNone
        | _ -> ValueNone

    let rec private within depth root schema =
        let those keyword ofOne =
            match field keyword schema with
            | ValueSome value -> ofOne value
            | ValueNone -> JsonKinds.None

        let nested = all (within (depth + 1) root)

        if depth > MaxDepth then
            JsonKinds.None
        else
            let named = those "type" (all ofWord)

            if named <> JsonKinds.None then
                named
            else
                those "enum" (all ofValue)
                ||| those "const" ofValue
                ||| those "anyOf" nested
                ||| those "oneOf" nested
                ||| those "allOf" nested
                ||| those "$ref" (fun pointer ->
                    match target root pointer with
                    | ValueSome schema -> within (depth + 1) root schema
                    | ValueNone -> JsonKinds.None)

    /// What is not said to be anything else is text.
    let ofSchema root schema =
        match within 0 root schema with
        | JsonKinds.None -> JsonKinds.Text
        | kinds -> kinds

    /// The kinds of all parameters that the JSON Schema of a tool's arguments names.
    let ofTool (parameters: string) =
        use schema = JsonDocument.Parse parameters
        let kinds = Dictionary<string, JsonKinds>()

        match field "properties" schema.RootElement with
        | ValueSome properties when properties.ValueKind = JsonValueKind.Object ->
            for property in properties.EnumerateObject() do
                kinds[property.Name] <- ofSchema schema.RootElement property.Value
        | _ -> ()

        kinds

    /// Models also write these words as Python does.
    let private inJson (kinds: JsonKinds) (text: string) =
        match text with
        | "True" when kinds.HasFlag JsonKinds.Boolean -> "true"
        | "False" when kinds.HasFlag JsonKinds.Boolean -> "false"
        | "None" when kinds.HasFlag JsonKinds.Null -> "null"
        | other -> other

    /// The JSON of a value of one of the kinds other than text; null where it is none.
    let tryJson (kinds: JsonKinds) (value: ReadOnlySpan<byte>) : string | null =
        let text = inJson kinds (Encoding.UTF8.GetString(value).Trim())

        try
            use document = JsonDocument.Parse text
            let kind = ofValue document.RootElement

            if kind <> JsonKinds.Text && kinds.HasFlag kind then
                text
            else
                null
        with :? JsonException ->
            null
