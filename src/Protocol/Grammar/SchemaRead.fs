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

    let private equal (left: JsonElement) (right: JsonElement) = JsonElement.DeepEquals(left, right)

    let private oneOf (budget: Budget) (values: JsonElement[]) flat =
        let kept =
            match flat.Values with
            | ValueNone -> values
            | ValueSome known ->
                budget.Compare(known.Length, values.Length)
                known |> Array.filter (fun it -> Array.exists (equal it) values)

        { flat with Values = ValueSome kept }

    /// The tighter of two bounds; `sign` is 1 for lower ones and -1 for upper ones.
    let private tighter sign (known: Bound voption) bound =
        match known with
        | ValueNone -> ValueSome bound
        | ValueSome it ->
            let order = sign * compare bound.Limit it.Limit

            if order > 0 || (order = 0 && bound.IsExclusive) then
                ValueSome bound
            else
                known

    let private lower isExclusive value flat =
        let bound = {
            Limit = value
            IsExclusive = isExclusive
        }

        {
            flat with
                Number = {
                    flat.Number with
                        Lower = tighter 1 flat.Number.Lower bound
                }
        }

    let private upper isExclusive value flat =
        let bound = {
            Limit = value
            IsExclusive = isExclusive
        }

        {
            flat with
                Number = {
                    flat.Number with
                        Upper = tighter -1 flat.Number.Upper bound
                }
        }

    let private multiple raw value flat =
        let number = exact raw "multipleOf" value

        if number.Units.Sign <= 0 then
            stop raw (about "multipleOf" "must be greater than 0")

        {
            flat with
                Number = {
                    flat.Number with
                        Multiples = number :: flat.Number.Multiples
                }
        }

    /// Reads a pattern; what is wrong with it is told with the schema's path.
    let private compiled budget raw keyword wrap pattern =
        try
            Dfa.ofPart budget (Regex.part Spelling.Json (wrap (RegexParse.read pattern)))
        with :? GrammarFault as fault ->
            stop raw (String.concat "" [ "'"; keyword; "': "; fault.Reason ])

    let private text dfa flat = { flat with Texts = dfa :: flat.Texts }

    let private int32Range flat =
        let bound (value: int) = { Units = bigint value; Scale = 0 }
        flat |> lower false (bound Int32.MinValue) |> upper false (bound Int32.MaxValue)

    let private format budget raw kinds value flat =
        let name = textOf raw "format" value

        match Formats.tryFind name with
        | ValueSome pattern -> text (compiled budget raw "format" Regex.whole pattern) flat
        | ValueNone when name = "int32" && kinds &&& Kinds.Text = Kinds.None -> int32Range flat
        | ValueNone when Formats.isNumeric name && kinds &&& Kinds.Text = Kinds.None -> flat
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

    let private objectPart budget (raw: Raw) flat =
        let properties = tryField "properties" raw
        let patternProperties = tryField "patternProperties" raw
        let additional = tryField "additionalProperties" raw

        if properties.IsNone && patternProperties.IsNone && additional.IsNone then
            flat
        else
            let declared =
                match properties with
                | ValueNone -> [||]
                | ValueSome value ->
                    fields raw "properties" value
                    |> Array.map (fun (struct (name, schema)) ->
                        struct (name, inside raw [ "properties"; name ] schema))

            let part = {
                Declared = declared
                Patterns =
                    match patternProperties with
                    | ValueNone -> [||]
                    | ValueSome value -> patterns budget raw value
                Additional = additional |> ValueOption.map (inside raw [ "additionalProperties" ])
            }

            {
                flat with
                    Objects = flat.Objects @ [ part ]
            }

    let private arrayPart (raw: Raw) flat =
        let listed keyword value =
            items raw keyword value
            |> Array.mapi (fun index schema -> inside raw [ keyword; string index ] schema)

        let add prefix rest = {
            flat with
                Arrays = flat.Arrays @ [ { Prefix = prefix; Items = rest } ]
        }

        match tryField "prefixItems" raw, tryField "items" raw with
        | ValueNone, ValueNone -> flat
        | _, ValueSome value when value.ValueKind = JsonValueKind.Array ->
            stop raw (about "items" "must be a schema; use 'prefixItems' for a list of them")
        | prefix, rest ->
            let prefix =
                prefix
                |> ValueOption.map (listed "prefixItems")
                |> ValueOption.defaultValue [||]

            add prefix (rest |> ValueOption.map (inside raw [ "items" ]))

    let private required raw value flat =
        let names =
            items raw "required" value |> Array.map (textOf raw "required") |> Array.toList

        {
            flat with
                Required = List.distinct (flat.Required @ names)
        }

    let private unsupported raw keyword =
        stop raw (about keyword "is not supported")

    let private keyword budget (raw: Raw) flat name (value: JsonElement) =
        match name with
        | "type" -> {
            flat with
                Kinds = flat.Kinds &&& kinds raw value
          }
        | "enum" -> oneOf budget (items raw name value) flat
        | "const" -> oneOf budget [| value |] flat
        | "minLength" -> {
            flat with
                MinLength = max flat.MinLength (count raw name value)
          }
        | "maxLength" -> {
            flat with
                MaxLength = min flat.MaxLength (count raw name value)
          }
        | "minItems" -> {
            flat with
                MinItems = max flat.MinItems (count raw name value)
          }
        | "maxItems" -> {
            flat with
                MaxItems = min flat.MaxItems (count raw name value)
          }
        | "minimum" -> lower false (exact raw name value) flat
        | "maximum" -> upper false (exact raw name value) flat
        | "exclusiveMinimum" -> lower true (exact raw name value) flat
        | "exclusiveMaximum" -> upper true (exact raw name value) flat
        | "multipleOf" -> multiple raw value flat
        | "required" -> required raw value flat
        | "uniqueItems" when not (isTrue raw name value) -> flat
        | "minProperties" when count raw name value = 0 -> flat
        | _ when annotations.Contains name || name.StartsWith("x-", StringComparison.Ordinal) -> flat
        | _ -> unsupported raw (Shown.text name)

    /// `nullable` of OpenAPI 3.0: null as well.
    let private withNull (raw: Raw) flat =
        match tryField "nullable" raw with
        | ValueSome value when isTrue raw "nullable" value -> {
            flat with
                Kinds = flat.Kinds ||| Kinds.Null
          }
        | _ -> flat

    /// Adds what the schema object itself says to what is known.
    let merge (budget: Budget) (raw: Raw) (known: Flat) =
        let mutable own = {
            Flat.Any with
                Values = known.Values
                Number = known.Number
                Required = known.Required
        }

        for struct (name, value) in fields raw "schema" raw.Value do
            budget.Work 8

            own <-
                if name = "pattern" then
                    text (compiled budget raw name Regex.found (textOf raw name value)) own
                else
                    keyword budget raw own name value

        own <- withNull raw own

        match tryField "format" raw with
        | ValueSome value -> own <- format budget raw own.Kinds value own
        | ValueNone -> ()

        own <- own |> objectPart budget raw |> arrayPart raw

        {
            own with
                Kinds = own.Kinds &&& known.Kinds
                MinLength = max own.MinLength known.MinLength
                MaxLength = min own.MaxLength known.MaxLength
                MinItems = max own.MinItems known.MinItems
                MaxItems = min own.MaxItems known.MaxItems
                Texts = own.Texts @ known.Texts
                Objects = known.Objects @ own.Objects
                Arrays = known.Arrays @ own.Arrays
        }
