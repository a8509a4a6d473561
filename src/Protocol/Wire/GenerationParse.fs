namespace StreamCore.Protocol

open System.Text.Json

/// How the answer is delivered.
[<Struct>]
type internal Delivery = { Stream: bool; IncludeUsage: bool }

/// The parameters that chat and text completions share, beside sampling.
[<RequireQualifiedAccess>]
module internal GenerationParse =
    [<Literal>]
    let private MaxModelNameLength = 256

    [<Literal>]
    let private MaxCacheSaltLength = 1024

    let model request =
        JsonCursor.required "model" (JsonCursor.shortText MaxModelNameLength) request

    let private stops limits (value: JsonElement) =
        let stop = JsonCursor.shortText limits.MaxStopLength

        if value.ValueKind = JsonValueKind.String then
            stop value |> Result.map Array.singleton
        else
            JsonCursor.array "a string or an array of strings" limits.MaxStopCount stop value

    let stop limits request =
        JsonCursor.field "stop" (stops limits) [||] request

    let maxTokens limits (value: JsonElement) =
        JsonCursor.smallInteger 1 limits.MaxCompletionTokens value

    let choiceCount limits request =
        JsonCursor.field "n" (JsonCursor.smallInteger 1 limits.MaxChoiceCount) 1 request

    let cacheSalt request =
        JsonCursor.textOrNull "cache_salt" (JsonCursor.shortText MaxCacheSaltLength) request

    let private includeUsage options =
        result {
            let! options = JsonCursor.object options
            let! () = SupportCheck.parameters SupportTable.streamOptions options
            return! JsonCursor.field "include_usage" JsonCursor.boolean false options
        }

    let private withoutStream =
        JsonReason.Other("The 'stream_options' parameter is only allowed when 'stream' is enabled.", null)

    let delivery request =
        result {
            let! stream = JsonCursor.field "stream" JsonCursor.boolean false request
            let! includeUsage = JsonCursor.field "stream_options" includeUsage false request

            return!
                if not stream && JsonCursor.hasField "stream_options" request then
                    JsonFault.at "stream_options" withoutStream
                else
                    Ok {
                        Stream = stream
                        IncludeUsage = includeUsage
                    }
        }

    /// The whole way of a request: bytes, document, object, request or refusal.
    let private document limits body (read: JsonElement -> Result<'T, JsonFault>) : Result<'T, JsonFault> =
        match JsonBody.parse body limits.MaxDepth with
        | Error fault -> Error fault
        | Ok document ->
            use _ = document
            JsonCursor.object document.RootElement |> Result.bind read

    /// Reads a body's object by the reader given, in the shape of the border to C#.
    let tryRequest limits body read (request: byref<'T | null>) (error: byref<ApiError | null>) =
        match document limits body read with
        | Ok parsed ->
            request <- parsed
            error <- null
            true
        | Error fault ->
            request <- null
            error <- JsonFault.toApiError fault
            false
