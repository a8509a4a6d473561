namespace StreamCore.Protocol.Grammar

open System
open System.Text.Json

/// The kinds of JSON values. A number is an integer or has a fraction.
[<Flags>]
type internal Kinds =
    | None = 0
    | Null = 1
    | Boolean = 2
    | Integer = 4
    | Fraction = 8
    | Text = 16
    | Array = 32
    | Object = 64
    | Number = 12
    | All = 127

/// A schema where it stands: the path from the root schema, and the JSON. Negated it allows what the JSON does not.
[<NoComparison; NoEquality>]
type internal Raw = {
    Path: string[]
    Value: JsonElement
    IsNegated: bool
} with

    member private raw.IsTrue =
        raw.Value.ValueKind = JsonValueKind.True
        || (raw.Value.ValueKind = JsonValueKind.Object
            && Seq.isEmpty (raw.Value.EnumerateObject()))

    /// Whether it plainly allows every value.
    member raw.IsAnything =
        if raw.IsNegated then
            raw.Value.ValueKind = JsonValueKind.False
        else
            raw.IsTrue

    /// Whether it plainly allows none.
    member raw.IsNothing =
        if raw.IsNegated then
            raw.IsTrue
        else
            raw.Value.ValueKind = JsonValueKind.False

/// What one schema says of a property: `Declared` by name, else each pattern that fits, else `Additional`, if there is one.
[<NoComparison; NoEquality>]
type internal ObjectPart = {
    Declared: struct (string * Raw)[]
    Patterns: struct (Dfa * Raw)[]
    Additional: Raw voption
}

/// What one schema says of items: those of the prefix by place, and the rest.
[<NoComparison; NoEquality>]
type internal ArrayPart = { Prefix: Raw[]; Items: Raw voption }

/// A schema without combinations: a value is valid if every field allows it. Parts of objects and arrays are schemas again.
[<NoComparison; NoEquality>]
type internal Flat = {
    Kinds: Kinds
    /// `enum` and `const`: one of these.
    Values: JsonElement[] voption
    MinLength: int
    MaxLength: int
    /// Over what stands between a string's quotation marks.
    Texts: Dfa list
    /// The schema whose `format` is among the texts, if one is: a format is kept to in part, so its negation is not known.
    Formatted: Raw voption
    Number: NumberRule
    Required: string list
    Forbidden: string list
    MinProperties: int
    MaxProperties: int
    /// The schema that asks for the least number of properties, if one does.
    Counted: Raw voption
    Objects: ObjectPart list
    MinItems: int
    MaxItems: int
    Arrays: ArrayPart list
    /// The schema that asks for items that differ, if one does.
    Unique: Raw voption
} with

    static member Any = {
        Kinds = Kinds.All
        Values = ValueNone
        MinLength = 0
        MaxLength = Int32.MaxValue
        Texts = []
        Formatted = ValueNone
        Number = NumberRule.Any
        Required = []
        Forbidden = []
        MinProperties = 0
        MaxProperties = Int32.MaxValue
        Counted = ValueNone
        Objects = []
        MinItems = 0
        MaxItems = Int32.MaxValue
        Arrays = []
        Unique = ValueNone
    }

    static member OfKind kinds = { Flat.Any with Kinds = kinds }

[<RequireQualifiedAccess>]
module internal ObjectPart =
    /// The schemas that a property of this name must obey.
    let schemasOf (name: string) (part: ObjectPart) =
        let text = CodePoints.jsonText name

        let named = [|
            for struct (it, raw) in part.Declared do
                if it = name then
                    raw

            for struct (pattern, raw) in part.Patterns do
                if Dfa.accepts pattern text then
                    raw
        |]

        if named.Length > 0 then
            named
        else
            match part.Additional with
            | ValueSome raw -> [| raw |]
            | ValueNone -> [||]

    /// Whether properties beyond the declared ones are written. Where a schema does not say, it is when it declares none.
    let isOpen (parts: ObjectPart list) =
        parts |> List.forall (fun part -> part.Declared.Length = 0)
        || parts
           |> List.exists (fun part -> part.Patterns.Length > 0 || part.Additional.IsSome)

[<RequireQualifiedAccess>]
module internal ArrayPart =
    /// The schemas that the item at this place must obey.
    let schemasAt index (part: ArrayPart) =
        if index < part.Prefix.Length then
            [| part.Prefix[index] |]
        else
            match part.Items with
            | ValueSome raw -> [| raw |]
            | ValueNone -> [||]

[<RequireQualifiedAccess>]
module internal Flat =
    /// The tighter of two bounds; `sign` is 1 for lower ones and -1 for upper ones.
    let private tighter sign (one: Bound voption) (other: Bound voption) =
        match one, other with
        | ValueSome a, ValueSome b ->
            let order = sign * compare b.Limit a.Limit

            if order > 0 || (order = 0 && b.IsExclusive) then
                other
            else
                one
        | ValueNone, _ -> other
        | _, ValueNone -> one

    let private common (budget: Budget) (one: JsonElement[] voption) (other: JsonElement[] voption) =
        match one, other with
        | ValueSome a, ValueSome b ->
            budget.Compare(a.Length, b.Length)

            a
            |> Array.filter (fun x -> b |> Array.exists (fun y -> JsonElement.DeepEquals(x, y)))
            |> ValueSome
        | ValueNone, _ -> other
        | _, ValueNone -> one

    let private size (flat: Flat) =
        flat.Required.Length
        + flat.Forbidden.Length
        + flat.Texts.Length
        + flat.Objects.Length
        + flat.Arrays.Length

    /// What both allow.
    let meet (budget: Budget) (one: Flat) (other: Flat) =
        budget.Work(1 + (size one + size other) / 4)

        {
            Kinds = one.Kinds &&& other.Kinds
            Values = common budget one.Values other.Values
            MinLength = max one.MinLength other.MinLength
            MaxLength = min one.MaxLength other.MaxLength
            Texts = one.Texts @ other.Texts
            Formatted = ValueOption.orElse other.Formatted one.Formatted
            Number = {
                Lower = tighter 1 one.Number.Lower other.Number.Lower
                Upper = tighter -1 one.Number.Upper other.Number.Upper
                Multiples = one.Number.Multiples @ other.Number.Multiples
            }
            Required = List.distinct (one.Required @ other.Required)
            Forbidden = List.distinct (one.Forbidden @ other.Forbidden)
            MinProperties = max one.MinProperties other.MinProperties
            MaxProperties = min one.MaxProperties other.MaxProperties
            Counted =
                if other.MinProperties > one.MinProperties then
                    other.Counted
                else
                    one.Counted
            Objects = one.Objects @ other.Objects
            MinItems = max one.MinItems other.MinItems
            MaxItems = min one.MaxItems other.MaxItems
            Arrays = one.Arrays @ other.Arrays
            Unique = ValueOption.orElse other.Unique one.Unique
        }

    /// Takes away kinds that have no values left.
    let possible (flat: Flat) =
        let without kind isImpossible kinds =
            if isImpossible then kinds &&& ~~~kind else kinds

        let isObjectImpossible =
            flat.MinProperties > flat.MaxProperties
            || flat.Required |> List.exists (fun name -> List.contains name flat.Forbidden)

        {
            flat with
                Kinds =
                    flat.Kinds
                    |> without Kinds.Text (flat.MinLength > flat.MaxLength)
                    |> without Kinds.Array (flat.MinItems > flat.MaxItems)
                    |> without Kinds.Object isObjectImpossible
        }
