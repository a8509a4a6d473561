namespace StreamCore.Protocol

open System
open System.Text.Json

/// Calls of tools in the messages of a conversation, and what answers them.
[<RequireQualifiedAccess>]
module internal ChatToolParse =
    let private called id value : Result<ToolCall, JsonFault> =
        result {
            let! it = JsonCursor.object value
            let! name = JsonCursor.required "name" ToolParse.name it
            let! arguments = JsonCursor.required "arguments" JsonCursor.text it

            return {
                Id = id
                Name = name
                Arguments = arguments
            }
        }

    let private call (value: JsonElement) =
        result {
            let! it = JsonCursor.object value
            let! id = JsonCursor.required "id" JsonCursor.text it
            let! () = JsonCursor.required "type" ToolParse.functionType it
            return! JsonCursor.required "function" (called id) it
        }

    /// `tool_calls`, or the older `function_call` of a message.
    let calls limits message =
        result {
            let read = JsonCursor.array "an array of objects" limits.MaxToolCount call
            let! calls = JsonCursor.field "tool_calls" read [||] message

            let! older =
                JsonCursor.field "function_call" (called "" >> Result.map Array.singleton) [||] message

            return Array.append calls older
        }

    let private fault (index: int) message =
        let reason = JsonReason.Other(message, "invalid_value")
        Error(JsonFault.inField "messages" (JsonFault.inItem index { Path = "role"; Reason = reason }))

    let private unanswered index (ids: string[]) =
        let list = String.concat ", " (Array.map Shown.text ids)

        fault
            index
            $"An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: {list}"

    let private unasked index =
        fault
            index
            "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'."

    let private ids (message: ChatMessage) =
        message.ToolCalls |> Array.map _.Id |> Array.filter (fun id -> id <> "")

    let private isAnswered (message: ChatMessage) (id: string) = String.Equals(id, message.ToolCallId)

    /// Each call of a conversation is answered by the tool messages right after it, and these answer nothing else.
    let check (messages: ChatMessage[]) =
        let mutable outcome = Ok()
        let mutable asker = 0
        let mutable waiting: string[] = [||]
        let mutable asked: string[] = [||]
        let mutable index = 0

        while outcome.IsOk && index < messages.Length do
            let message = messages[index]

            if message.Role = ChatRole.Tool then
                if asked |> Array.exists (isAnswered message) then
                    waiting <- waiting |> Array.filter (isAnswered message >> not)
                else
                    outcome <- unasked index
            elif waiting.Length > 0 then
                outcome <- unanswered asker waiting
            else
                asker <- index
                asked <- ids message
                waiting <- asked

            index <- index + 1

        if outcome.IsOk && waiting.Length > 0 then
            unanswered asker waiting
        else
            outcome
