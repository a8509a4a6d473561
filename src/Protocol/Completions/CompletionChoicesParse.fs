namespace StreamCore.Protocol

open System
open System.Globalization
open System.Text.Json

/// How many answers are made and given, and what is told with them.
[<NoComparison>]
type internal CompletionChoices = {
    N: int
    BestOf: int
    TopLogprobs: Nullable<int>
    Echo: bool
    Suffix: string | null
}

[<RequireQualifiedAccess>]
module internal CompletionChoicesParse =
    let private refuse name message =
        JsonFault.at name (JsonReason.Other(message, "invalid_value"))

    let private bestOf limits n stream request =
        result {
            let! bestOf =
                JsonCursor.field "best_of" (JsonCursor.smallInteger 1 limits.MaxChoiceCount) n request

            return!
                if bestOf < n then
                    refuse "best_of" "Invalid 'best_of': it must not be less than 'n'."
                elif bestOf > n && stream then
                    refuse "best_of" "Invalid 'best_of': more answers than 'n' cannot be made while streaming."
                else
                    Ok bestOf
        }

    let private noMoreThan limits prompts bestOf =
        if int64 prompts * int64 bestOf > int64 limits.MaxChoiceCount then
            let most = limits.MaxChoiceCount.ToString CultureInfo.InvariantCulture

            refuse
                "n"
                (String.concat "" [
                    "Invalid 'n': the answers to all prompts together must not be more than "
                    most
                    "."
                ])
        else
            Ok()

    /// An empty suffix is none.
    let private suffix echo request : Result<string | null, JsonFault> =
        result {
            let! suffix = JsonCursor.textOrNull "suffix" JsonCursor.text request

            return!
                match suffix with
                | null
                | "" -> Ok null
                | _ when echo -> refuse "suffix" "Invalid 'suffix': it cannot be combined with 'echo'."
                | text -> Ok text
        }

    let choices limits prompts stream (request: JsonElement) =
        result {
            let! n = GenerationParse.choiceCount limits request
            let! bestOf = bestOf limits n stream request
            let! () = noMoreThan limits prompts bestOf

            let! topLogprobs =
                JsonCursor.nullable "logprobs" (JsonCursor.smallInteger 0 5) request

            let! echo = JsonCursor.field "echo" JsonCursor.boolean false request
            let! suffix = suffix echo request

            return {
                N = n
                BestOf = bestOf
                TopLogprobs = topLogprobs
                Echo = echo
                Suffix = suffix
            }
        }
