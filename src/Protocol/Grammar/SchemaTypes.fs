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

/// A schema where it stands: the path from the root schema, and the JSON.
[<NoComparison; NoEquality>]
type internal Raw = { Path: string[]; Value: JsonElement }

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
    Number: NumberRule
    Required: string list
    Objects: ObjectPart list
    MinItems: int
    MaxItems: int
    Arrays: ArrayPart list
} with

    static member Any = {
        Kinds = Kinds.All
        Values = ValueNone
        MinLength = 0
        MaxLength = Int32.MaxValue
        Texts = []
        Number = NumberRule.Any
        Required = []
        Objects = []
        MinItems = 0
        MaxItems = Int32.MaxValue
        Arrays = []
    }

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
