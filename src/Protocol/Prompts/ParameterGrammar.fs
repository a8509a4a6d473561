namespace StreamCore.Protocol

open System
open System.Buffers
open System.Text
open System.Text.Json
open StreamCore.Protocol.Grammar

/// What arguments may be that are written with a key each: `ParameterReader` makes valid JSON of them.
[<RequireQualifiedAccess>]
module internal ParameterGrammar =
    let private literal (utf8: byte[]) =
        GrammarSpec.Literal(Encoding.UTF8.GetString utf8)

    let private maybe part = GrammarSpec.Repeat(part, 0, 1)
    let private lineFeed = GrammarSpec.Literal "\n"

    /// Values of text are free up to their closing.
    let private freeText (form: ParameterForm) =
        GrammarSpec.TextUntil(Encoding.UTF8.GetString form.ValueClosing)

    let private closed (form: ParameterForm) (value: GrammarSpec) =
        let parts: GrammarSpec[] =
            if form.HasLineFeeds then
                [| value; lineFeed; literal form.ValueClosing |]
            else
                [| value; literal form.ValueClosing |]

        GrammarSpec.Sequence parts

    /// A key, and a value with its closing.
    let private pair (form: ParameterForm) (key: GrammarSpec) (closedValue: GrammarSpec) =
        let parts: GrammarSpec[] = [|
            literal form.KeyOpening
            key
            literal form.KeyClosing
            if form.ValueOpening.Length > 0 then
                maybe lineFeed
                literal form.ValueOpening
            if form.HasLineFeeds then
                lineFeed
            closedValue
            maybe lineFeed
        |]

        GrammarSpec.Sequence parts

    /// Any parameters.
    let any (form: ParameterForm) (param: string) =
        let key = GrammarSpec.Pattern("[a-zA-Z0-9_.-]{1,64}", param)
        GrammarSpec.Repeat(pair form key (freeText form), 0, -1)

    let private annotations =
        set [
            "title"
            "description"
            "default"
            "examples"
            "deprecated"
            "readOnly"
            "writeOnly"
            "$comment"
        ]

    let private ofRoot =
        set [
            "type"
            "properties"
            "required"
            "additionalProperties"
            "$schema"
            "$id"
            "$defs"
            "definitions"
        ]

    let private isObject (value: JsonElement) = value.ValueKind = JsonValueKind.Object

    let private keywords (schema: JsonElement) =
        schema.EnumerateObject()
        |> Seq.map _.Name
        |> Seq.filter (fun name -> not (annotations.Contains name))
        |> List.ofSeq

    /// Whether any text is valid, as text or as what it is turned into.
    let rec private isFree (schema: JsonElement) =
        isObject schema
        && match keywords schema with
           | []
           | [ "type" ] -> true
           | [ "anyOf" ] ->
               let choices = schema.GetProperty "anyOf"

               choices.ValueKind = JsonValueKind.Array
               && choices.EnumerateArray() |> Seq.forall isFree
           | _ -> false

    /// References lead to definitions, which are taken along.
    let rec private refersElsewhere (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.Array -> value.EnumerateArray() |> Seq.exists refersElsewhere
        | JsonValueKind.Object ->
            value.EnumerateObject()
            |> Seq.exists (fun field ->
                if field.Name = "$ref" && field.Value.ValueKind = JsonValueKind.String then
                    let target = string (field.Value.GetString())

                    not (
                        target.StartsWith("#/$defs/", StringComparison.Ordinal)
                        || target.StartsWith("#/definitions/", StringComparison.Ordinal)
                    )
                else
                    refersElsewhere field.Value)
        | _ -> false

    /// The schema of one parameter as a schema of its own.
    let private alone (root: JsonElement) (schema: JsonElement) =
        let output = ArrayBufferWriter<byte>()
        let json = JsonOut.writer output
        json.WriteStartObject()

        for field in schema.EnumerateObject() do
            field.WriteTo json

        for field in root.EnumerateObject() do
            if field.Name = "$defs" || field.Name = "definitions" then
                field.WriteTo json

        json.WriteEndObject()
        json.Dispose()
        JsonElement.Parse output.WrittenSpan

    /// One of the texts, where it cannot be taken for something else.
    let private texts form kinds (values: JsonElement) =
        let isSound (value: JsonElement) =
            value.ValueKind = JsonValueKind.String
            && (let text = string (value.GetString())

                not (text.Contains "</")
                && isNull (ParameterKinds.tryJson kinds (ReadOnlySpan(Encoding.UTF8.GetBytes text))))

        if
            values.ValueKind = JsonValueKind.Array
            && values.GetArrayLength() > 0
            && values.EnumerateArray() |> Seq.forall isSound
        then
            let choices: GrammarSpec[] =
                values.EnumerateArray()
                |> Seq.map (fun value -> GrammarSpec.Literal(string (value.GetString())))
                |> Array.ofSeq

            Ok(closed form (GrammarSpec.Choice choices))
        else
            Error "its 'enum'"

    let private value form owner param (root: JsonElement) (schema: JsonElement) =
        if not (isObject schema) then
            Error "its schema"
        else
            let kinds = ParameterKinds.ofSchema root schema

            match keywords schema with
            | _ when not (kinds.HasFlag JsonKinds.Text) ->
                if refersElsewhere schema || refersElsewhere root then
                    Error "its '$ref'"
                else
                    Ok(closed form (GrammarSpec.Schema(alone root schema, owner, param)))
            | _ when isFree schema -> Ok(freeText form)
            | [ "enum" ]
            | [ "type"; "enum" ]
            | [ "enum"; "type" ] -> texts form kinds (schema.GetProperty "enum")
            | words ->
                let word = words |> List.find (fun word -> word <> "type")
                Error(String.concat "" [ "its "; Shown.quoted word ])

    let private isSoundName (name: string) =
        name <> ""
        && name.Length <= CallText.MaxLength / 4
        && name.Trim() = name
        && not (name.Contains '<' || name.Contains '>')

    let private required (root: JsonElement) =
        let mutable names = JsonElement()

        if root.TryGetProperty("required", &names) && names.ValueKind = JsonValueKind.Array then
            names.EnumerateArray()
            |> Seq.map (fun name ->
                if name.ValueKind = JsonValueKind.String then
                    string (name.GetString())
                else
                    "")
            |> set
        else
            Set.empty

    let private declared (root: JsonElement) =
        let mutable properties = JsonElement()

        if root.TryGetProperty("properties", &properties) && isObject properties then
            List.ofSeq (properties.EnumerateObject())
        else
            []

    /// The declared parameters in their order, those that are not required if the model likes.
    let private bound form owner param (root: JsonElement) =
        let names = required root

        let rec following (rest: JsonProperty list) parts =
            match rest with
            | [] -> Ok(GrammarSpec.Sequence(Array.ofList (List.rev parts)))
            | property :: rest when isSoundName property.Name ->
                match value form owner param root property.Value with
                | Error what -> Error(String.concat "" [ "of the parameter "; Shown.quoted property.Name; ", "; what ])
                | Ok value ->
                    let pair = pair form (GrammarSpec.Literal property.Name) value

                    following rest ((if names.Contains property.Name then pair else maybe pair) :: parts)
            | property :: _ -> Error(String.concat "" [ "the name of the parameter "; Shown.quoted property.Name ])

        let properties = declared root

        match keywords root |> List.tryFind (fun word -> not (ofRoot.Contains word)) with
        | Some word -> Error(Shown.quoted word)
        | None when properties |> Seq.map _.Name |> set |> Set.isSubset names |> not -> Error "'required'"
        | None -> following properties []

    /// Parameters that are valid against the tool's schema; a refusal where this way of writing them cannot be held to it.
    let ofTool form (param: string) (tool: ToolDefinition) : Result<GrammarSpec, ApiError> =
        use schema = JsonDocument.Parse tool.Parameters
        let owner = "function " + Shown.quoted tool.Name

        match bound form owner param schema.RootElement with
        | Ok grammar -> Ok grammar
        | Error what ->
            PromptFault.at
                param
                $"Invalid schema for {owner}: the way in which this model writes calls cannot be held to it: {what}."
                "unsupported_value"
