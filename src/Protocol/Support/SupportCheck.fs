namespace StreamCore.Protocol

open System.Text.Json

/// Refuses what a table of parameters says is not honoured.
[<RequireQualifiedAccess>]
module internal SupportCheck =
    let private checkValue (value: JsonElement) parameter =
        let refuse reason = JsonFault.at parameter.Name reason

        match parameter.Level with
        | SupportLevel.Honoured -> Ok()
        | _ when not (ParameterShape.fits value parameter.Shape) ->
            refuse (JsonReason.WrongType(ParameterShape.words parameter.Shape, JsonCursor.kindOf value))
        | SupportLevel.WithoutEffect -> Ok()
        | SupportLevel.Neutral neutral when NeutralValue.isNeutral value neutral -> Ok()
        | SupportLevel.Neutral neutral when NeutralValue.isAbsence neutral -> refuse JsonReason.UnsupportedParameter
        | SupportLevel.Neutral neutral ->
            refuse (JsonReason.UnsupportedValue(JsonCursor.shown value, NeutralValue.words neutral))

    /// The first parameter of the table that the object asks for in vain, if any.
    let parameters (table: ParameterSupport[]) (owner: JsonElement) : Result<unit, JsonFault> =
        let mutable outcome = Ok()
        let mutable index = 0

        while outcome.IsOk && index < table.Length do
            match JsonCursor.tryField table[index].Name owner with
            | ValueSome value -> outcome <- checkValue value table[index]
            | ValueNone -> ()

            index <- index + 1

        outcome
