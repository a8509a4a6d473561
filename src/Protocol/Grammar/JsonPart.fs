namespace StreamCore.Protocol.Grammar

open System.Text
open System.Text.Json

/// Pieces of JSON as it is written: compact, its strings escaped in the one way that patterns know.
[<RequireQualifiedAccess>]
module internal JsonPart =
    let private space = Fragment.optional (Fragment.byte ' 'B)
    let comma = Fragment.sequence [| Fragment.byte ','B; space |]
    let colon = Fragment.sequence [| Fragment.byte ':'B; space |]

    let rec private written (out: StringBuilder) (value: JsonElement) =
        let text (it: string) =
            out.Append('"').Append(Encoding.UTF8.GetString(CodePoints.jsonText it)).Append('"')
            |> ignore

        match value.ValueKind with
        | JsonValueKind.String ->
            match value.GetString() with
            | null -> ()
            | it -> text it
        | JsonValueKind.Array ->
            let mutable mark = '['

            for item in value.EnumerateArray() do
                out.Append mark |> ignore
                written out item
                mark <- ','

            out.Append(if mark = '[' then "[]" else "]") |> ignore
        | JsonValueKind.Object ->
            let mutable mark = '{'

            for field in value.EnumerateObject() do
                out.Append mark |> ignore
                text field.Name
                out.Append ':' |> ignore
                written out field.Value
                mark <- ','

            out.Append(if mark = '{' then "{}" else "}") |> ignore
        | _ -> out.Append(value.GetRawText()) |> ignore

    /// This value.
    let literal (value: JsonElement) =
        let out = StringBuilder()
        written out value
        Fragment.literal (Encoding.UTF8.GetBytes(out.ToString()))

    /// This name of a property.
    let key (name: string) =
        Fragment.sequence [|
            Fragment.byte '"'B
            Fragment.literal (CodePoints.jsonText name)
            Fragment.byte '"'B
        |]

    /// A string whose inside one automaton reads: a rule, so that what may follow it does not multiply its states.
    let text (rules: Rules) (inside: Dfa) =
        let rule = rules.Reserve()
        rules.Define(rule, Dfa.ofPart rules.Budget (Fragment.sequence [| Dfa.toPart inside; Fragment.byte '"'B |]))
        Fragment.sequence [| Fragment.byte '"'B; rules.Call rule |]
