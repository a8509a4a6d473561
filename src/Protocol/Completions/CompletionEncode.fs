namespace StreamCore.Protocol

open System.Text.Json

[<RequireQualifiedAccess>]
module internal CompletionEncode =
    let private choice (json: Utf8JsonWriter) (index: int) (choice: CompletionChoice) =
        json.WriteStartObject()
        json.WriteString("text", choice.Text.Span)
        json.WriteNumber("index", index)
        LogprobEncode.completion json choice.Logprobs
        json.WriteString("finish_reason", StampEncode.completionFinishReason choice.FinishReason)
        json.WriteEndObject()

    let response output stamp (choices: CompletionChoice[]) usage =
        use json = JsonOut.writer output
        StampEncode.start json "text_completion" stamp
        json.WriteStartArray "choices"
        choices |> Array.iteri (choice json)
        json.WriteEndArray()
        StampEncode.usage json usage
        json.WriteEndObject()
