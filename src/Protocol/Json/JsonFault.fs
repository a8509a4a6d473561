namespace StreamCore.Protocol

open System.Globalization

/// Why a JSON value was refused. One case per sentence of OpenAI's.
[<RequireQualifiedAccess; NoComparison>]
type internal JsonReason =
    | Missing
    | WrongType of Expected: string * Got: string
    /// `Number` is `integer` or `decimal`.
    | BelowMinimum of Number: string * Minimum: string * Got: string
    | AboveMaximum of Number: string * Maximum: string * Got: string
    | EmptyArray
    | ArrayTooLong of Maximum: int * Got: int
    | EmptyText
    | TextTooLong of Maximum: int * Got: int
    | NoMatch of Pattern: string
    | UnknownWord of Got: string * Supported: string[]
    /// No value of this parameter is honoured.
    | UnsupportedParameter
    /// Only these values of it are.
    | UnsupportedValue of Got: string * Supported: string[]
    /// A sentence of its own.
    | Other of Message: string * Code: (string | null)

/// A refused value: where, seen from the value that was being read, and why. The path grows while the reader unwinds;
/// the text is made once, at the edge.
[<NoComparison>]
type internal JsonFault = { Path: string; Reason: JsonReason }

[<RequireQualifiedAccess>]
module internal JsonFault =
    let here reason = Error { Path = ""; Reason = reason }

    let at name reason = Error { Path = name; Reason = reason }

    let inField (name: string) fault =
        let join =
            if fault.Path = "" || fault.Path.StartsWith '[' then
                ""
            else
                "."

        {
            fault with
                Path = String.concat "" [ name; join; fault.Path ]
        }

    let inItem (index: int) fault =
        inField (String.concat "" [ "["; index.ToString CultureInfo.InvariantCulture; "]" ]) fault

    let private number (value: int) =
        value.ToString CultureInfo.InvariantCulture

    /// The sentence and the code. The one table of what a parser may say.
    let private words path reason : string * (string | null) =
        match reason with
        | JsonReason.Missing -> $"Missing required parameter: '{path}'.", "missing_required_parameter"
        | JsonReason.WrongType(expected, got) ->
            let subject = if path = "" then "the request body" else $"'{path}'"
            $"Invalid type for {subject}: expected {expected}, but got {got} instead.", "invalid_type"
        | JsonReason.BelowMinimum(kind, minimum, got) ->
            $"Invalid '{path}': {kind} below minimum value. Expected a value >= {minimum}, but got {got} instead.",
            $"{kind}_below_min_value"
        | JsonReason.AboveMaximum(kind, maximum, got) ->
            $"Invalid '{path}': {kind} above maximum value. Expected a value <= {maximum}, but got {got} instead.",
            $"{kind}_above_max_value"
        | JsonReason.EmptyArray ->
            $"Invalid '{path}': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            "empty_array"
        | JsonReason.ArrayTooLong(maximum, got) ->
            $"Invalid '{path}': array too long. Expected an array with maximum length {number maximum}, but got an array with length {number got} instead.",
            "array_above_max_length"
        | JsonReason.EmptyText ->
            $"Invalid '{path}': empty string. Expected a string with minimum length 1, but got an empty string instead.",
            "empty_string"
        | JsonReason.TextTooLong(maximum, got) ->
            $"Invalid '{path}': string too long. Expected a string with maximum length {number maximum}, but got a string with length {number got} instead.",
            "string_above_max_length"
        | JsonReason.NoMatch pattern ->
            $"Invalid '{path}': string does not match pattern. Expected a string that matches the pattern '{pattern}'.",
            "invalid_value"
        | JsonReason.UnknownWord(got, supported) ->
            $"Invalid value: {Shown.quoted got}. Supported values are: {Shown.list (Array.map Shown.quoted supported)}.",
            "invalid_value"
        | JsonReason.UnsupportedParameter ->
            $"Unsupported parameter: '{path}' is not supported by this server.", "unsupported_parameter"
        | JsonReason.UnsupportedValue(got, supported) ->
            let choice =
                match supported with
                | [| one |] -> $"Only {one} is supported."
                | several -> $"Supported values are: {Shown.list several}."

            $"Unsupported value: '{path}' does not support {got} on this server. {choice}", "unsupported_value"
        | JsonReason.Other(message, code) -> message, code

    let toApiError fault =
        let message, code = words fault.Path fault.Reason
        ApiError.InvalidRequest((if fault.Path = "" then null else fault.Path), message, code)
