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

    /// A hint at how closely to look, which nothing here can follow.
    let private details = [| "auto"; "low"; "high" |]

    let private imageUrl (value: JsonElement) =
        result {
            let! image = JsonCursor.object value
            let! url = JsonCursor.required "url" JsonCursor.text image
            let! detail = JsonCursor.field "detail" JsonCursor.text "auto" image

            return!
                if Array.contains detail details then
                    Ok url
                else
                    JsonFault.at "detail" (JsonReason.UnknownWord(detail, details))
        }

    /// The text of a part, or the URL of an image. `refusal` is how an assistant's refusal comes back in the next request.
    let private part role (value: JsonElement) =
        result {
            let! part = JsonCursor.object value
            let! kind = JsonCursor.required "type" JsonCursor.text part

            return!
                match kind with
                | "text"
                | "refusal" -> JsonCursor.required kind JsonCursor.text part |> Result.map Choice1Of2
                | "image_url" when role = ChatRole.User ->
                    JsonCursor.required kind imageUrl part |> Result.map Choice2Of2
                | "image_url"
                | "input_audio"
                | "file" -> JsonFault.at "type" (JsonReason.UnsupportedValue(Shown.quoted kind, [| "'text'" |]))
                | other -> JsonFault.at "type" (JsonReason.UnknownWord(other, partTypes))
        }

    let private plain (text: string | null) : struct ((string | null) * ChatImage[]) = struct (text, [||])

    let private ofParts (parts: Choice<string, string>[]) : struct ((string | null) * ChatImage[]) =
        let texts =
            parts
            |> Array.choose (fun part ->
                match part with
                | Choice1Of2 text -> Some text
                | Choice2Of2 _ -> None)

        let images =
            parts
            |> Array.mapi (fun index part ->
                match part with
                | Choice1Of2 _ -> None
                | Choice2Of2 url -> Some { Part = index; Url = url })
            |> Array.choose id

        struct (String.concat "\n" texts, images)

    let private content role (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.String -> JsonCursor.text value |> Result.map plain
        | JsonValueKind.Array ->
            JsonCursor.filledArray "an array of objects" System.Int32.MaxValue (part role) value
            |> Result.map ofParts
        | _ -> JsonCursor.wrongType "one of a string or array of objects" value

    /// An assistant that refused has its words in `refusal` and none in `content`; one that called may have none at all, and a
    /// function may have given nothing.
    let private words role hasCalls message : Result<struct ((string | null) * ChatImage[]), JsonFault> =
        let isAbsent = not (JsonCursor.hasField "content" message)

        if isAbsent && role = ChatRole.Assistant && JsonCursor.hasField "refusal" message then
            JsonCursor.textOrNull "refusal" JsonCursor.text message
            |> Result.map plain
        elif isAbsent && (hasCalls || role = ChatRole.Function) then
            Ok(plain null)
        else
            JsonCursor.required "content" (content role) message

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

            let! struct (content, images) = words role (calls.Length > 0) message
            let! name = name role message
            let! callId = onlyFor role ChatRole.Tool null (fun () -> callId message)
            let! reasoning = onlyFor role ChatRole.Assistant null (fun () -> reasoning message)

            return {
                Role = role
                Content = content
                Images = images
                Name = name
                ToolCalls = calls
                ToolCallId = callId
                Reasoning = reasoning
            }
        }
