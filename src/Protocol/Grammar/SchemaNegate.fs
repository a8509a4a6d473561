namespace StreamCore.Protocol.Grammar

open System
open System.Text.Json

/// What a flat schema does not allow, as a choice of flat schemas: one for each thing that a value can do wrong.
[<RequireQualifiedAccess>]
module internal SchemaNegate =
    let private constant (json: string) = JsonDocument.Parse(json).RootElement

    let private no = constant "false"
    let private yes = constant "true"

    /// The values of the kinds that have few.
    let constants = [| constant "null"; no; yes |]

    /// `raw` is the negated schema, for what is refused.
    let private refuse (raw: Raw) what : 'T =
        SchemaRead.stop raw (String.concat "" [ what; " is not supported in 'not' and 'if'" ])

    let private textsWithout budget (dfa: Dfa) =
        let any =
            Dfa.ofPart budget (Fragment.star (CodePoints.part Spelling.Json CodePoints.any))

        {
            Flat.OfKind Kinds.Text with
                Texts = [ Dfa.without budget any dfa ]
        }

    let private ranged (lower: Bound voption) (upper: Bound voption) = {
        Flat.OfKind Kinds.Number with
            Number = {
                NumberRule.Any with
                    Lower = lower
                    Upper = upper
            }
    }

    /// The numbers between these, and outside of them.
    let private gaps (numbers: ExactNumber[]) =
        let ends = [|
            ValueNone

            for number in numbers do
                ValueSome { Limit = number; IsExclusive = true }

            ValueNone
        |]

        [ for lower, upper in Array.pairwise ends -> ranged lower upper ]

    /// Every value but these.
    let private othersThan budget raw (values: JsonElement[]) =
        let has (kind: JsonValueKind) =
            values |> Array.exists (fun it -> it.ValueKind = kind)

        if has JsonValueKind.Array || has JsonValueKind.Object then
            refuse raw "'const' or 'enum' of an array or object"

        let number value =
            match ExactNumber.tryRead value with
            | ValueSome number -> number
            | ValueNone -> SchemaRead.stop raw "a number in it has too many digits"

        let numbers = [|
            for value in values do
                if value.ValueKind = JsonValueKind.Number then
                    number value
        |]

        let texts = [|
            for value in values do
                if value.ValueKind = JsonValueKind.String then
                    match value.GetString() with
                    | null -> ()
                    | text -> Fragment.literal (CodePoints.jsonText text)
        |]

        [
            Flat.OfKind(Kinds.Array ||| Kinds.Object)

            if not (has JsonValueKind.Null) then
                Flat.OfKind Kinds.Null

            {
                Flat.OfKind Kinds.Boolean with
                    Values =
                        ValueSome [|
                            if not (has JsonValueKind.True) then
                                yes

                            if not (has JsonValueKind.False) then
                                no
                        |]
            }

            textsWithout budget (Dfa.ofPart budget (Fragment.choice texts))
            yield! gaps (Array.sort (Array.distinct numbers))
        ]

    let private otherTexts budget raw (flat: Flat) = [
        if flat.Formatted.IsSome then
            refuse raw "'format'"

        for dfa in flat.Texts do
            textsWithout budget dfa

        if flat.MinLength > 0 then
            {
                Flat.OfKind Kinds.Text with
                    MaxLength = flat.MinLength - 1
            }

        if flat.MaxLength < Int32.MaxValue then
            {
                Flat.OfKind Kinds.Text with
                    MinLength = flat.MaxLength + 1
            }
    ]

    let private otherNumbers raw (rule: NumberRule) =
        let beyond (bound: Bound) =
            ValueSome {
                bound with
                    IsExclusive = not bound.IsExclusive
            }

        [
            if not rule.Multiples.IsEmpty then
                refuse raw "'multipleOf'"

            for bound in ValueOption.toList rule.Lower do
                ranged ValueNone (beyond bound)

            for bound in ValueOption.toList rule.Upper do
                ranged (beyond bound) ValueNone
        ]

    let private otherArrays raw (flat: Flat) = [
        if flat.Unique.IsSome then
            refuse raw "'uniqueItems'"

        for part in flat.Arrays do
            if part.Prefix |> Array.exists (fun item -> not item.IsAnything) then
                refuse raw "'prefixItems'"

            if part.Items |> ValueOption.exists (fun item -> not item.IsAnything) then
                refuse raw "'items'"

        if flat.MinItems > 0 then
            {
                Flat.OfKind Kinds.Array with
                    MaxItems = flat.MinItems - 1
            }

        if flat.MaxItems < Int32.MaxValue then
            {
                Flat.OfKind Kinds.Array with
                    MinItems = flat.MaxItems + 1
            }
    ]

    /// An object that has the property, with a value that its schema does not allow.
    let private wrong name (schema: Raw) = {
        Flat.OfKind Kinds.Object with
            Required = [ name ]
            Objects = [
                {
                    Declared = [|
                        struct (name,
                                {
                                    schema with
                                        IsNegated = not schema.IsNegated
                                })
                    |]
                    Patterns = [||]
                    Additional = ValueNone
                }
            ]
    }

    let private otherObjects raw (flat: Flat) = [
        for part in flat.Objects do
            if part.Patterns.Length > 0 then
                refuse raw "'patternProperties'"

            if part.Additional |> ValueOption.exists (fun schema -> not schema.IsAnything) then
                refuse raw "'additionalProperties'"

            for struct (name, schema) in part.Declared do
                if not schema.IsAnything then
                    wrong name schema

        for name in flat.Required do
            {
                Flat.OfKind Kinds.Object with
                    Forbidden = [ name ]
            }

        for name in flat.Forbidden do
            {
                Flat.OfKind Kinds.Object with
                    Required = [ name ]
            }

        if flat.MinProperties > 0 then
            {
                Flat.OfKind Kinds.Object with
                    MaxProperties = flat.MinProperties - 1
            }

        if flat.MaxProperties < Int32.MaxValue then
            {
                Flat.OfKind Kinds.Object with
                    MinProperties = flat.MaxProperties + 1
                    Counted = ValueSome raw
            }
    ]

    /// Each value that the flat schema does not allow is allowed by one of these, and no other is.
    let alternatives (budget: Budget) (raw: Raw) (flat: Flat) = [
        let isPossible (kind: Kinds) = flat.Kinds &&& kind <> Kinds.None

        if flat.Kinds <> Kinds.All then
            Flat.OfKind(Kinds.All &&& ~~~flat.Kinds)

        match flat.Values with
        | ValueSome values -> yield! othersThan budget raw values
        | ValueNone -> ()

        if isPossible Kinds.Text then
            yield! otherTexts budget raw flat

        if isPossible Kinds.Number then
            yield! otherNumbers raw flat.Number

        if isPossible Kinds.Array then
            yield! otherArrays raw flat

        if isPossible Kinds.Object then
            yield! otherObjects raw flat
    ]
