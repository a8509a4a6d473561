namespace StreamCore.Protocol

open System
open System.Globalization
open System.Runtime.InteropServices
open System.Text
open System.Text.Json

/// Takes values out of a JSON document. A reader is `JsonElement -> Result<'T, JsonFault>`; what it refuses is told with
/// the path from the value it was given. `null` counts as absent in every optional field, as with OpenAI.
[<RequireQualifiedAccess>]
module internal JsonCursor =
    /// Whether a number is written as one that an `int64` or a longer integer holds.
    let private isIntegral (value: JsonElement) =
        let mutable number = 0m
        value.TryGetDecimal &number && number = Decimal.Truncate number

    /// What the value is, in the words of a type fault.
    let kindOf (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.String -> "a string"
        | JsonValueKind.Number -> if isIntegral value then "an integer" else "a decimal"
        | JsonValueKind.True
        | JsonValueKind.False -> "a boolean"
        | JsonValueKind.Array -> "an array"
        | JsonValueKind.Object -> "an object"
        | _ -> "null"

    let wrongType expected (value: JsonElement) =
        JsonFault.here (JsonReason.WrongType(expected, kindOf value))

    let private stringOf (value: JsonElement) : string =
        match value.GetString() with
        | null -> ""
        | text -> text

    [<Literal>]
    let private MaxShownDigits = 40

    /// The value for a message: a number as the client wrote it, a string quoted, anything larger by its type alone.
    let shown (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.Number ->
            let digits = JsonMarshal.GetRawUtf8Value value
            Encoding.ASCII.GetString(digits.Slice(0, min digits.Length MaxShownDigits))
        | JsonValueKind.True -> "true"
        | JsonValueKind.False -> "false"
        | JsonValueKind.String -> Shown.quoted (stringOf value)
        | _ -> kindOf value

    let text (value: JsonElement) =
        if value.ValueKind = JsonValueKind.String then
            Ok(stringOf value)
        else
            wrongType "a string" value

    /// A string with at least one and at most so many UTF-16 units.
    let shortText maximum (value: JsonElement) =
        match text value with
        | Ok "" -> JsonFault.here JsonReason.EmptyText
        | Ok it when it.Length > maximum -> JsonFault.here (JsonReason.TextTooLong(maximum, it.Length))
        | other -> other

    let boolean (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.True -> Ok true
        | JsonValueKind.False -> Ok false
        | _ -> wrongType "a boolean" value

    /// An integer between the two, however it is written: `1`, `1.0` and `1e0` are the same.
    let integer (minimum: int64) (maximum: int64) (value: JsonElement) =
        let mutable number = 0m

        let bound (limit: int64) =
            limit.ToString CultureInfo.InvariantCulture

        let tooSmall () =
            JsonFault.here (JsonReason.BelowMinimum("integer", bound minimum, shown value))

        let tooLarge () =
            JsonFault.here (JsonReason.AboveMaximum("integer", bound maximum, shown value))

        if value.ValueKind <> JsonValueKind.Number then
            wrongType "an integer" value
        elif not (value.TryGetDecimal &number) then
            if value.GetDouble() < 0.0 then tooSmall () else tooLarge ()
        elif number <> Decimal.Truncate number then
            wrongType "an integer" value
        elif number < decimal minimum then
            tooSmall ()
        elif number > decimal maximum then
            tooLarge ()
        else
            Ok(int64 number)

    /// A 32-bit integer between the two.
    let smallInteger (minimum: int) (maximum: int) value =
        integer (int64 minimum) (int64 maximum) value |> Result.map int

    /// A number between the two.
    let decimal (minimum: float) (maximum: float) (value: JsonElement) =
        let bound (limit: float) =
            limit.ToString CultureInfo.InvariantCulture

        if value.ValueKind <> JsonValueKind.Number then
            wrongType "a decimal" value
        else
            let number = value.GetDouble()

            if number < minimum then
                JsonFault.here (JsonReason.BelowMinimum("decimal", bound minimum, shown value))
            elif number > maximum then
                JsonFault.here (JsonReason.AboveMaximum("decimal", bound maximum, shown value))
            else
                Ok number

    /// All items, or the first fault.
    let items (read: JsonElement -> Result<'T, JsonFault>) (array: JsonElement) =
        let taken = Array.zeroCreate (array.GetArrayLength())
        let mutable fault = ValueNone
        let mutable index = 0
        let mutable rest = array.EnumerateArray()

        while fault.IsNone && rest.MoveNext() do
            match read rest.Current with
            | Ok item -> taken[index] <- item
            | Error error -> fault <- ValueSome(JsonFault.inItem index error)

            index <- index + 1

        match fault with
        | ValueSome error -> Error error
        | ValueNone -> Ok taken

    /// An array of at most so many items.
    let array expected maximum read (value: JsonElement) =
        if value.ValueKind <> JsonValueKind.Array then
            wrongType expected value
        elif value.GetArrayLength() > maximum then
            JsonFault.here (JsonReason.ArrayTooLong(maximum, value.GetArrayLength()))
        else
            items read value

    /// An array of one to so many items.
    let filledArray expected maximum read (value: JsonElement) =
        if value.ValueKind = JsonValueKind.Array && value.GetArrayLength() = 0 then
            JsonFault.here JsonReason.EmptyArray
        else
            array expected maximum read value

    let object (value: JsonElement) =
        if value.ValueKind = JsonValueKind.Object then
            Ok value
        else
            wrongType "an object" value

    let hasField (name: string) (owner: JsonElement) =
        let mutable value = JsonElement()
        owner.TryGetProperty(name, &value) && value.ValueKind <> JsonValueKind.Null

    /// The field's value, unless it is absent or null.
    let tryField (name: string) (owner: JsonElement) =
        let mutable value = JsonElement()

        if owner.TryGetProperty(name, &value) && value.ValueKind <> JsonValueKind.Null then
            ValueSome value
        else
            ValueNone

    /// The field read, or what stands for an absent one.
    let field name read absent owner =
        match tryField name owner with
        | ValueNone -> Ok absent
        | ValueSome value -> read value |> Result.mapError (JsonFault.inField name)

    /// The field read, whatever is there: `null` is given to the reader, and an absent field is a fault.
    let required (name: string) (read: JsonElement -> Result<'T, JsonFault>) (owner: JsonElement) =
        let mutable value = JsonElement()

        if owner.TryGetProperty(name, &value) then
            read value |> Result.mapError (JsonFault.inField name)
        else
            JsonFault.at name JsonReason.Missing

    /// The field read, if it is there.
    let nullable name read owner =
        field name (read >> Result.map Nullable) (Nullable()) owner

    /// The text read, if it is there.
    let textOrNull name (read: JsonElement -> Result<string, JsonFault>) owner : Result<string | null, JsonFault> =
        match tryField name owner with
        | ValueNone -> Ok null
        | ValueSome value ->
            match read value with
            | Ok text -> Ok text
            | Error fault -> Error(JsonFault.inField name fault)
