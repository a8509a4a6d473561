namespace StreamCore.Protocol

open System.Text.Json

[<RequireQualifiedAccess>]
module internal ChatEncode =
    let private choice (json: Utf8JsonWriter) (index: int) (choice: ChatChoice) =
        json.WriteStartObject()
        json.WriteNumber("index", index)
        json.WriteStartObject "message"
        json.WriteString("role", "assistant")
        json.WriteString("content", choice.Text.Span)
        json.WriteNull "refusal"
        json.WriteStartArray "annotations"
        json.WriteEndArray()
        json.WriteEndObject()
        LogprobEncode.chat json choice.Logprobs
        json.WriteString("finish_reason", StampEncode.finishReason choice.FinishReason)
        json.WriteEndObject()

    let response output stamp (choices: ChatChoice[]) usage =
        use json = JsonOut.writer output
        StampEncode.start json "chat.completion" stamp
        json.WriteString("service_tier", "default")
        json.WriteStartArray "choices"
        choices |> Array.iteri (choice json)
        json.WriteEndArray()
        StampEncode.usage json usage
        json.WriteEndObject()
