namespace StreamCore.Protocol

open System.Text.Json

[<RequireQualifiedAccess>]
module internal ChatEncode =
    let private called (json: Utf8JsonWriter) (call: ChatCall) =
        json.WriteString("name", call.Name)
        json.WriteString("arguments", call.Arguments.Span)

    let private toolCalls (json: Utf8JsonWriter) (calls: ChatCall[]) =
        json.WriteStartArray "tool_calls"

        for call in calls do
            json.WriteStartObject()
            json.WriteString("id", call.Id)
            json.WriteString("type", "function")
            json.WriteStartObject "function"
            called json call
            json.WriteEndObject()
            json.WriteEndObject()

        json.WriteEndArray()

    let private functionCall (json: Utf8JsonWriter) call =
        json.WriteStartObject "function_call"
        called json call
        json.WriteEndObject()

    /// An answer that only calls has no content, which is not the same as an empty one.
    let private message (json: Utf8JsonWriter) shape (choice: ChatChoice) =
        json.WriteStartObject "message"
        json.WriteString("role", "assistant")

        if choice.Calls.Length > 0 && choice.Text.IsEmpty then
            json.WriteNull "content"
        else
            json.WriteString("content", choice.Text.Span)

        if not choice.Reasoning.IsEmpty then
            json.WriteString(shape.ReasoningField, choice.Reasoning.Span)

        json.WriteNull "refusal"
        json.WriteStartArray "annotations"
        json.WriteEndArray()

        if choice.Calls.Length > 0 && shape.AsFunctions then
            functionCall json choice.Calls[0]
        elif choice.Calls.Length > 0 then
            toolCalls json choice.Calls

        json.WriteEndObject()

    let private choice (json: Utf8JsonWriter) shape (index: int) (choice: ChatChoice) =
        json.WriteStartObject()
        json.WriteNumber("index", index)
        message json shape choice
        LogprobEncode.chat json choice.Logprobs
        json.WriteString("finish_reason", StampEncode.finishReason choice.FinishReason)
        json.WriteEndObject()

    let response output stamp shape (choices: ChatChoice[]) usage =
        use json = JsonOut.writer output
        StampEncode.start json "chat.completion" stamp
        json.WriteString("service_tier", "default")
        json.WriteStartArray "choices"
        choices |> Array.iteri (choice json shape)
        json.WriteEndArray()
        StampEncode.usage json usage
        json.WriteEndObject()
