namespace StreamCore.Protocol

open System.Text.Json

[<RequireQualifiedAccess>]
module internal ChatMessageParse =
    let private roles = [| "system"; "assistant"; "user"; "function"; "tool"; "developer" |]

    let private supportedRoles = [| "'system'"; "'developer'"; "'user'"; "'assistant'" |]

    [<Literal>]
    let private MaxNameLength = 64

    let private role (value: JsonElement) =
        match JsonCursor.text value with
        | Ok "system" -> Ok ChatRole.System
        | Ok "developer" -> Ok ChatRole.Developer
        | Ok "user" -> Ok ChatRole.User
        | Ok "assistant" -> Ok ChatRole.Assistant
        | Ok("tool" | "function") ->
            JsonFault.here (JsonReason.UnsupportedValue(JsonCursor.shown value, supportedRoles))
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

    /// An assistant that refused has its words in `refusal` and none in `content`.
    let private words role message =
        let refused =
            role = ChatRole.Assistant
            && JsonCursor.hasField "refusal" message
            && not (JsonCursor.hasField "content" message)

        if refused then
            JsonCursor.required "refusal" JsonCursor.text message
        else
            JsonCursor.required "content" content message

    let message (value: JsonElement) =
        result {
            let! message = JsonCursor.object value
            let! role = JsonCursor.required "role" role message
            let! () = SupportCheck.parameters SupportTable.chatMessage message
            let! content = words role message
            let! name = JsonCursor.textOrNull "name" (JsonCursor.shortText MaxNameLength) message

            return {
                Role = role
                Content = content
                Name = name
            }
        }
