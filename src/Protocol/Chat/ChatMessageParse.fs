namespace StreamCore.Protocol

open System.Text.Json

[<RequireQualifiedAccess>]
module internal ChatMessageParse =
    let private roles = [| "system"; "assistant"; "user"; "function"; "tool"; "developer" |]

    [<Literal>]
    let private MaxNameLength = 64

    let private role (value: JsonElement) =
        match JsonCursor.text value with
        | Ok "system" -> Ok ChatRole.System
        | Ok "developer" -> Ok ChatRole.Developer
        | Ok "user" -> Ok ChatRole.User
        | Ok "assistant" -> Ok ChatRole.Assistant
        | Ok "tool" -> Ok ChatRole.Tool
        | Ok "function" -> Ok ChatRole.Function
        | Ok other -> JsonFault.here (JsonReason.UnknownWord(other, roles))
        | Error fault -> Error fault

    let private partTypes = [| "text"; "refusal"; "image_url"; "input_audio"; "file" |]

    /// The text of a part. `refusal` is how an assistant's refusal comes back in the next request.
    let private part (value: JsonElement) =
        result {
            let! part = JsonCursor.object value
            let! kind = JsonCursor.required "type" JsonCursor.text part

            return!
                match kind with
                | "text"
                | "refusal" -> JsonCursor.required kind JsonCursor.text part
                | "image_url"
                | "input_audio"
                | "file" -> JsonFault.at "type" (JsonReason.UnsupportedValue(Shown.quoted kind, [| "'text'" |]))
                | other -> JsonFault.at "type" (JsonReason.UnknownWord(other, partTypes))
        }

    let private content (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.String -> JsonCursor.text value
        | JsonValueKind.Array ->
            JsonCursor.filledArray "an array of objects" System.Int32.MaxValue part value
            |> Result.map (String.concat "\n")
        | _ -> JsonCursor.wrongType "one of a string or array of objects" value

    /// An assistant that refused has its words in `refusal` and none in `content`; one that called may have none at all, and a
    /// function may have given nothing.
    let private words role hasCalls message : Result<string | null, JsonFault> =
        let isAbsent = not (JsonCursor.hasField "content" message)

        if isAbsent && role = ChatRole.Assistant && JsonCursor.hasField "refusal" message then
            JsonCursor.textOrNull "refusal" JsonCursor.text message
        elif isAbsent && (hasCalls || role = ChatRole.Function) then
            Ok null
        else
            match JsonCursor.required "content" content message with
            | Ok text -> Ok text
            | Error fault -> Error fault

    let private name role message : Result<string | null, JsonFault> =
        if role = ChatRole.Function then
            match JsonCursor.required "name" ToolParse.name message with
            | Ok name -> Ok name
            | Error fault -> Error fault
        else
            JsonCursor.textOrNull "name" (JsonCursor.shortText MaxNameLength) message

    /// Only the roles that have it are asked for it.
    let private onlyFor role (owner: ChatRole) absent read =
        if role = owner then read () else Ok absent

    let private callId message : Result<string | null, JsonFault> =
        match JsonCursor.required "tool_call_id" JsonCursor.text message with
        | Ok id -> Ok id
        | Error fault -> Error fault

    /// Two names are in use for what an assistant thought.
    let private reasoning message =
        result {
            let! one = JsonCursor.textOrNull "reasoning_content" JsonCursor.text message
            let! other = JsonCursor.textOrNull "reasoning" JsonCursor.text message
            return if isNull one then other else one
        }

    let message limits (value: JsonElement) =
        result {
            let! message = JsonCursor.object value
            let! role = JsonCursor.required "role" role message
            let! () = SupportCheck.parameters SupportTable.chatMessage message

            let! calls =
                onlyFor role ChatRole.Assistant [||] (fun () -> ChatToolParse.calls limits message)

            let! content = words role (calls.Length > 0) message
            let! name = name role message
            let! callId = onlyFor role ChatRole.Tool null (fun () -> callId message)
            let! reasoning = onlyFor role ChatRole.Assistant null (fun () -> reasoning message)

            return {
                Role = role
                Content = content
                Name = name
                ToolCalls = calls
                ToolCallId = callId
                Reasoning = reasoning
            }
        }
