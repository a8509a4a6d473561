namespace StreamCore.Protocol

open System.Text.Json

/// The JSON type a parameter must have, whatever else is asked of it.
[<RequireQualifiedAccess>]
type internal ParameterShape =
    | Text
    | Integer
    | Decimal
    | Boolean
    | Array
    | Object
    /// Several types, told apart by whoever reads it.
    | Any

/// The value of a parameter that changes nothing, so that it may be accepted while the parameter is not honoured.
/// `null` and absence change nothing anywhere.
[<RequireQualifiedAccess>]
type internal NeutralValue =
    | Nothing
    | Flag of bool
    | Number of decimal
    | EmptyText
    | Word of string[]
    /// An array of exactly this one word.
    | OnlyWord of string

[<RequireQualifiedAccess>]
type internal SupportLevel =
    /// It does what OpenAI, or the server it comes from, says it does. Its reader checks it.
    | Honoured
    /// Accepted: it asks for nothing that could be missed in the answer.
    | WithoutEffect
    /// Refused, unless the value changes nothing.
    | Neutral of NeutralValue

/// What is done with one parameter of one endpoint.
type internal ParameterSupport = {
    Name: string
    Shape: ParameterShape
    Level: SupportLevel
}

[<RequireQualifiedAccess>]
module internal ParameterShape =
    let words shape =
        match shape with
        | ParameterShape.Text -> "a string"
        | ParameterShape.Integer -> "an integer"
        | ParameterShape.Decimal -> "a decimal"
        | ParameterShape.Boolean -> "a boolean"
        | ParameterShape.Array -> "an array"
        | ParameterShape.Object -> "an object"
        | ParameterShape.Any -> "a value"

    let fits (value: JsonElement) shape =
        match shape with
        | ParameterShape.Text -> value.ValueKind = JsonValueKind.String
        | ParameterShape.Integer -> JsonCursor.kindOf value = "an integer"
        | ParameterShape.Decimal -> value.ValueKind = JsonValueKind.Number
        | ParameterShape.Boolean -> value.ValueKind = JsonValueKind.True || value.ValueKind = JsonValueKind.False
        | ParameterShape.Array -> value.ValueKind = JsonValueKind.Array
        | ParameterShape.Object -> value.ValueKind = JsonValueKind.Object
        | ParameterShape.Any -> true

[<RequireQualifiedAccess>]
module internal NeutralValue =
    let private isWord (word: string) (value: JsonElement) =
        value.ValueKind = JsonValueKind.String && value.ValueEquals word

    let private isNumber (number: decimal) (value: JsonElement) =
        let mutable it = 0m

        value.ValueKind = JsonValueKind.Number && value.TryGetDecimal &it && it = number

    let private isSingle (value: JsonElement) =
        value.ValueKind = JsonValueKind.Array && value.GetArrayLength() = 1

    /// Whether the value, which is not null, changes nothing.
    let isNeutral (value: JsonElement) neutral =
        match neutral with
        | NeutralValue.Nothing -> false
        | NeutralValue.Flag it -> value.ValueKind = (if it then JsonValueKind.True else JsonValueKind.False)
        | NeutralValue.Number number -> isNumber number value
        | NeutralValue.EmptyText -> isWord "" value
        | NeutralValue.Word words -> words |> Array.exists (fun word -> isWord word value)
        | NeutralValue.OnlyWord word -> isSingle value && isWord word value[0]

    /// Whether it is no more than a way to leave the parameter out.
    let isAbsence neutral =
        match neutral with
        | NeutralValue.Nothing
        | NeutralValue.EmptyText -> true
        | _ -> false

    let private word neutral =
        match neutral with
        | NeutralValue.Flag it -> if it then "true" else "false"
        | NeutralValue.Number number -> number.ToString System.Globalization.CultureInfo.InvariantCulture
        | NeutralValue.EmptyText -> "an empty string"
        | NeutralValue.OnlyWord word -> String.concat "" [ "[\""; word; "\"]" ]
        | _ -> "null"

    /// The values, as documents and errors call them.
    let words neutral =
        match neutral with
        | NeutralValue.Word words -> words |> Array.map Shown.quoted
        | one -> [| word one |]
