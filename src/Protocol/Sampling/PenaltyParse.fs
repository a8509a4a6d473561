namespace StreamCore.Protocol

open System
open System.Collections.Generic
open System.Globalization
open System.Text.Json

/// The parameters that change logits before a token is drawn.
[<RequireQualifiedAccess>]
module internal PenaltyParse =
    /// OpenAI's bound is not published; it is some hundreds. Each costs one addition a token.
    [<Literal>]
    let private MaxBiasCount = 1024

    let private differ =
        JsonReason.Other(
            "Setting 'repeat_penalty' and 'repetition_penalty' to different values is not supported.",
            "invalid_parameter_combination"
        )

    /// Two names for one penalty may not contradict each other.
    let private repetition request =
        let read = JsonCursor.decimal 0.01 10.0

        result {
            let! one = JsonCursor.nullable "repetition_penalty" read request
            let! other = JsonCursor.nullable "repeat_penalty" read request

            return!
                if one.HasValue && other.HasValue && one.Value <> other.Value then
                    JsonFault.at "repeat_penalty" differ
                elif one.HasValue then
                    Ok one.Value
                else
                    Ok(other.GetValueOrDefault 1.0)
        }

    let penalties request =
        result {
            let! repetition = repetition request

            let! presence =
                JsonCursor.field "presence_penalty" (JsonCursor.decimal -2.0 2.0) 0.0 request

            let! frequency =
                JsonCursor.field "frequency_penalty" (JsonCursor.decimal -2.0 2.0) 0.0 request

            return {
                Repetition = float32 repetition
                Presence = float32 presence
                Frequency = float32 frequency
            }
        }

    let private noToken (name: string) =
        let message =
            String.concat "" [
                "Invalid key in 'logit_bias': "
                Shown.quoted name
                ". Keys must be token ids."
            ]

        JsonFault.here (JsonReason.Other(message, "invalid_value"))

    let private bias (field: JsonProperty) =
        let mutable token = 0

        if Int32.TryParse(field.Name, NumberStyles.None, CultureInfo.InvariantCulture, &token) then
            JsonCursor.decimal -100.0 100.0 field.Value
            |> Result.map (fun value -> { Token = token; Bias = float32 value })
            |> Result.mapError (JsonFault.inField field.Name)
        else
            noToken field.Name

    let private biases (value: JsonElement) =
        let read = Dictionary<int, TokenBias>()
        let mutable fault = ValueNone
        let mutable rest = value.EnumerateObject()

        while fault.IsNone && rest.MoveNext() do
            match bias rest.Current with
            | Ok it -> read[it.Token] <- it // of two fields of one name the last counts
            | Error error -> fault <- ValueSome error

        match fault with
        | ValueSome error -> Error error
        | ValueNone -> Ok(Array.ofSeq read.Values)

    let private biasObject (value: JsonElement) =
        if value.ValueKind <> JsonValueKind.Object then
            JsonCursor.wrongType "an object" value
        elif value.GetPropertyCount() > MaxBiasCount then
            JsonFault.here (JsonReason.ArrayTooLong(MaxBiasCount, value.GetPropertyCount()))
        else
            biases value

    let logitBias request =
        JsonCursor.field "logit_bias" biasObject [||] request
