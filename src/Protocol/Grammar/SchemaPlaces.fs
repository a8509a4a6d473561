namespace StreamCore.Protocol.Grammar

open System
open System.Globalization
open System.Text.Json
open StreamCore.Protocol

/// Where the schemas inside of a root schema are: under which keywords, and where references lead.
[<Sealed>]
type internal SchemaPlaces(root: JsonElement, budget: Budget) =
    let whole = {
        Path = [||]
        Value = root
        IsNegated = false
    }

    let field (raw: Raw) (name: string) =
        let mutable value = JsonElement()

        if
            raw.Value.ValueKind = JsonValueKind.Object
            && raw.Value.TryGetProperty(name, &value)
        then
            ValueSome value
        else
            ValueNone

    /// One step of a JSON pointer (RFC 6901), whose escapes are undone.
    let step (raw: Raw) (segment: string) =
        let mutable index = 0
        let mutable found = JsonElement()

        match raw.Value.ValueKind with
        | JsonValueKind.Object when raw.Value.TryGetProperty(segment, &found) -> ValueSome found
        | JsonValueKind.Array when
            Int32.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, &index)
            && index < raw.Value.GetArrayLength()
            ->
            ValueSome raw.Value[index]
        | _ -> ValueNone

    let unescape (segment: string) =
        Uri.UnescapeDataString(segment).Replace("~1", "/").Replace("~0", "~")

    let resolve (from: Raw) (reference: string) =
        let missing () =
            SchemaRead.stop from (String.concat "" [ "'$ref' "; Shown.quoted reference; " does not lead to a schema" ])

        if reference = "#" then
            whole
        elif not (reference.StartsWith("#/", StringComparison.Ordinal)) then
            SchemaRead.stop
                from
                (String.concat "" [
                    "'$ref' "
                    Shown.quoted reference
                    " is not supported, only those that begin with '#/' are"
                ])
        else
            let mutable at = whole

            for segment in reference.Substring(2).Split '/' do
                budget.Work 1
                let segment = unescape segment

                match step at segment with
                | ValueSome value -> at <- SchemaRead.inside at [ segment ] value
                | ValueNone -> missing ()

            at

    let reference (raw: Raw) =
        match field raw "$ref" with
        | ValueNone -> ValueNone
        | ValueSome value when value.ValueKind <> JsonValueKind.String -> SchemaRead.stop raw "'$ref' must be a string"
        | ValueSome value ->
            match value.GetString() with
            | null -> ValueNone
            | text -> ValueSome(resolve raw text)

    let listed (raw: Raw) keyword =
        match field raw keyword with
        | ValueNone -> []
        | ValueSome value when value.ValueKind <> JsonValueKind.Array || value.GetArrayLength() = 0 ->
            SchemaRead.stop raw (String.concat "" [ "'"; keyword; "' must be an array that is not empty" ])
        | ValueSome value ->
            value.EnumerateArray()
            |> Seq.mapi (fun index schema -> SchemaRead.inside raw [ keyword; string index ] schema)
            |> Seq.toList

    let part (raw: Raw) keyword =
        field raw keyword |> ValueOption.map (SchemaRead.inside raw [ keyword ])

    let rec refers (raw: Raw) =
        ValueOption.isSome (field raw "$ref")
        || [ "not"; "if"; "then"; "else" ]
           |> List.exists (fun keyword ->
               match part raw keyword with
               | ValueSome one -> refers one
               | ValueNone -> false)
        || [ "allOf"; "anyOf"; "oneOf" ]
           |> List.exists (fun keyword -> List.exists refers (listed raw keyword))

    let key (schemas: Raw list) =
        schemas
        |> List.map (fun raw ->
            raw.Path
            |> Array.map (fun it -> "/" + it.Replace("~", "~0").Replace("/", "~1"))
            |> String.concat ""
            |> fun pointer -> (if raw.IsNegated then "!#" else "#") + pointer)
        |> List.distinct
        |> List.sort
        |> String.concat "\n"

    member _.Root = whole

    /// The schema under a keyword.
    member _.Part(raw, keyword) = part raw keyword

    /// The schemas that a keyword lists.
    member _.Listed(raw, keyword) = listed raw keyword

    /// Where the schema's reference leads, if it has one.
    member _.Reference raw = reference raw

    /// Whether it, or a schema that it combines, refers to another.
    member _.Refers raw = refers raw

    /// The same for the same schemas.
    member _.Key schemas = key schemas
