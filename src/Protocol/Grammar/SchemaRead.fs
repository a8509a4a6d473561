namespace StreamCore.Protocol.Grammar

open System
open System.Collections.Generic
open System.Text.Json
open StreamCore.Protocol

/// Reads the keywords of one schema object into a `Flat`. Combinations and references are left to `SchemaExpand`.
[<RequireQualifiedAccess>]
module internal SchemaRead =
    let stop (raw: Raw) (reason: string) : 'T = GrammarFault.Stop(raw.Path, reason)

    let private about keyword reason =
        String.concat "" [ "'"; keyword; "' "; reason ]

    let inside (raw: Raw) (segments: string list) value = {
        Path = Array.append raw.Path (List.toArray segments)
        Value = value
        IsNegated = false
    }

    /// Say something of a schema, but nothing of its values.
    let private annotations =
        set [
            "title"
            "description"
            "default"
            "examples"
            "example"
            "deprecated"
            "readOnly"
            "writeOnly"
            "nullable"
            "$schema"
            "$id"
            "$anchor"
            "$comment"
            "$defs"
            "definitions"
            "$ref"
            "allOf"
            "anyOf"
            "oneOf"
            "not"
            "if"
            "then"
            "else"
            // Read together with the keyword they qualify.
            "additionalProperties"
            "properties"
            "patternProperties"
            "items"
            "prefixItems"
            "format"
        ]

    let private kindOf (raw: Raw) name =
        match name with
        | "null" -> Kinds.Null
        | "boolean" -> Kinds.Boolean
        | "integer" -> Kinds.Integer
        | "number" -> Kinds.Number
        | "string" -> Kinds.Text
        | "array" -> Kinds.Array
        | "object" -> Kinds.Object
        | _ -> stop raw (about "type" "is not one of JSON's types")

    let private textOf raw keyword (value: JsonElement) =
        match value.ValueKind, value with
        | JsonValueKind.String, it ->
            match it.GetString() with
            | null -> ""
            | text -> text
        | _ -> stop raw (about keyword "must be a string")

    let private items raw keyword (value: JsonElement) =
        if value.ValueKind = JsonValueKind.Array then
            Seq.toArray (value.EnumerateArray())
        else
            stop raw (about keyword "must be an array")

    let private fields raw keyword (value: JsonElement) =
        if value.ValueKind = JsonValueKind.Object then
            // Of two fields of one name the last counts.
            let last = Dictionary<string, JsonElement>()

            for field in value.EnumerateObject() do
                last[field.Name] <- field.Value

            [| for pair in last -> struct (pair.Key, pair.Value) |]
        else
            stop raw (about keyword "must be an object")

    let private exact raw keyword (value: JsonElement) =
        if value.ValueKind <> JsonValueKind.Number then
            stop raw (about keyword "must be a number")

        match ExactNumber.tryRead value with
        | ValueSome number -> number
        | ValueNone -> stop raw (about keyword "has too many digits")

    let private count raw keyword value =
        let number = exact raw keyword value

        if number.Scale > 0 || number.IsNegative then
            stop raw (about keyword "must be an integer that is not negative")
        else
            int (min number.Units (bigint Int32.MaxValue))

    let private isTrue raw keyword (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.True -> true
        | JsonValueKind.False -> false
        | _ -> stop raw (about keyword "must be a boolean")

    let private kinds raw (value: JsonElement) =
        if value.ValueKind = JsonValueKind.Array then
            items raw "type" value
            |> Array.fold (fun kinds it -> kinds ||| kindOf raw (textOf raw "type" it)) Kinds.None
        else
            kindOf raw (textOf raw "type" value)

    let private lower isExclusive value = {
        NumberRule.Any with
            Lower =
                ValueSome {
                    Limit = value
                    IsExclusive = isExclusive
                }
    }

    let private upper isExclusive value = {
        NumberRule.Any with
            Upper =
                ValueSome {
                    Limit = value
                    IsExclusive = isExclusive
                }
    }

    let private multiple raw value =
        let number = exact raw "multipleOf" value

        if number.Units.Sign <= 0 then
            stop raw (about "multipleOf" "must be greater than 0")

        {
            NumberRule.Any with
                Multiples = [ number ]
        }

    /// Reads a pattern; what is wrong with it is told with the schema's path.
    let private compiled budget raw keyword wrap pattern =
        try
            Dfa.ofPart budget (Regex.part Spelling.Json (wrap (RegexParse.read pattern)))
        with :? GrammarFault as fault ->
            stop raw (String.concat "" [ "'"; keyword; "': "; fault.Reason ])

    let private int32Range =
        let bound (value: int) =
            ValueSome {
                Limit = { Units = bigint value; Scale = 0 }
                IsExclusive = false
            }

        {
            NumberRule.Any with
                Lower = bound Int32.MinValue
                Upper = bound Int32.MaxValue
        }

    /// `kinds` are those that the schema itself allows.
    let private format budget raw kinds value =
        let name = textOf raw "format" value

        match Formats.tryFind name with
        | ValueSome pattern -> {
            Flat.Any with
                Texts = [ compiled budget raw "format" Regex.whole pattern ]
                Formatted = ValueSome raw
          }
        | ValueNone when name = "int32" && kinds &&& Kinds.Text = Kinds.None -> { Flat.Any with Number = int32Range }
        | ValueNone when Formats.isNumeric name && kinds &&& Kinds.Text = Kinds.None -> Flat.Any
        | ValueNone -> stop raw (String.concat "" [ "'format' "; Shown.quoted name; " is not supported" ])

    let private patterns budget (raw: Raw) (value: JsonElement) = [|
        for struct (name, schema) in fields raw "patternProperties" value do
            struct (compiled budget raw "patternProperties" Regex.found name,
                    inside raw [ "patternProperties"; name ] schema)
    |]

    let private tryField (name: string) (raw: Raw) =
        let mutable value = JsonElement()

        if raw.Value.TryGetProperty(name, &value) then
            ValueSome value
        else
            ValueNone

    let private objectParts budget (raw: Raw) =
        let properties = tryField "properties" raw
        let patternProperties = tryField "patternProperties" raw
        let additional = tryField "additionalProperties" raw

        if properties.IsNone && patternProperties.IsNone && additional.IsNone then
            []
        else
            let declared =
                match properties with
                | ValueNone -> [||]
                | ValueSome value ->
                    fields raw "properties" value
                    |> Array.map (fun (struct (name, schema)) ->
                        struct (name, inside raw [ "properties"; name ] schema))

            [
                {
                    Declared = declared
                    Patterns =
                        match patternProperties with
                        | ValueNone -> [||]
                        | ValueSome value -> patterns budget raw value
                    Additional = additional |> ValueOption.map (inside raw [ "additionalProperties" ])
                }
            ]

    let private arrayParts (raw: Raw) =
        let listed keyword value =
            items raw keyword value
            |> Array.mapi (fun index schema -> inside raw [ keyword; string index ] schema)

        match tryField "prefixItems" raw, tryField "items" raw with
        | ValueNone, ValueNone -> []
        | _, ValueSome value when value.ValueKind = JsonValueKind.Array ->
            stop raw (about "items" "must be a schema; use 'prefixItems' for a list of them")
        | prefix, rest -> [
            {
                Prefix =
                    prefix
                    |> ValueOption.map (listed "prefixItems")
                    |> ValueOption.defaultValue [||]
                Items = rest |> ValueOption.map (inside raw [ "items" ])
            }
          ]

    let private required raw value =
        items raw "required" value |> Array.map (textOf raw "required") |> Array.toList

    let private unsupported raw keyword =
        stop raw (about keyword "is not supported")

    /// What one keyword says.
    let private keyword budget (raw: Raw) name (value: JsonElement) =
        let number rule = { Flat.Any with Number = rule }

        match name with
        | "type" -> Flat.OfKind(kinds raw value)
        | "enum" -> {
            Flat.Any with
                Values = ValueSome(items raw name value)
          }
        | "const" -> {
            Flat.Any with
                Values = ValueSome [| value |]
          }
        | "minLength" -> {
            Flat.Any with
                MinLength = count raw name value
          }
        | "maxLength" -> {
            Flat.Any with
                MaxLength = count raw name value
          }
        | "pattern" -> {
            Flat.Any with
                Texts = [ compiled budget raw name Regex.found (textOf raw name value) ]
          }
        | "minItems" -> {
            Flat.Any with
                MinItems = count raw name value
          }
        | "maxItems" -> {
            Flat.Any with
                MaxItems = count raw name value
          }
        | "uniqueItems" when isTrue raw name value -> { Flat.Any with Unique = ValueSome raw }
        | "uniqueItems" -> Flat.Any
        | "minProperties" -> {
            Flat.Any with
                MinProperties = count raw name value
                Counted = ValueSome raw
          }
        | "maxProperties" -> {
            Flat.Any with
                MaxProperties = count raw name value
          }
        | "minimum" -> number (lower false (exact raw name value))
        | "maximum" -> number (upper false (exact raw name value))
        | "exclusiveMinimum" -> number (lower true (exact raw name value))
        | "exclusiveMaximum" -> number (upper true (exact raw name value))
        | "multipleOf" -> number (multiple raw value)
        | "required" -> {
            Flat.Any with
                Required = required raw value
          }
        | _ when annotations.Contains name || name.StartsWith("x-", StringComparison.Ordinal) -> Flat.Any
        | _ -> unsupported raw (Shown.text name)

    /// `nullable` of OpenAPI 3.0: null as well.
    let private withNull (raw: Raw) flat =
        match tryField "nullable" raw with
        | ValueSome value when isTrue raw "nullable" value -> {
            flat with
                Kinds = flat.Kinds ||| Kinds.Null
          }
        | _ -> flat

    /// What the schema object itself says, beside what is known.
    let merge (budget: Budget) (raw: Raw) (known: Flat) =
        let mutable own = Flat.Any

        for struct (name, value) in fields raw "schema" raw.Value do
            budget.Work 8
            own <- Flat.meet budget own (keyword budget raw name value)

        own <- withNull raw own

        match tryField "format" raw with
        | ValueSome value -> own <- Flat.meet budget own (format budget raw own.Kinds value)
        | ValueNone -> ()

        Flat.meet budget known {
            own with
                Objects = objectParts budget raw
                Arrays = arrayParts raw
        }
