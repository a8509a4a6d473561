/// Requests, and the tables of good and bad ones. The tables are files, so that tests over HTTP can send the same bodies.
module StreamCore.Protocol.Tests.Bodies

open System
open System.Buffers
open System.IO
open System.Text
open System.Text.Json.Nodes
open StreamCore.Protocol

let utf8 (text: string) = Encoding.UTF8.GetBytes text

let text (bytes: ReadOnlySpan<byte>) = Encoding.UTF8.GetString bytes

let sequence (bytes: byte[]) = ReadOnlySequence<byte> bytes

let limits = ProtocolLimits.Default

let parseChatBytes (body: ReadOnlySequence<byte>) =
    match ChatApi.TryParse(body, limits) with
    | true, request, _ -> Ok(nonNull request)
    | false, _, error -> Error(nonNull error)

let parseChat (json: string) = parseChatBytes (sequence (utf8 json))

let parseCompletionBytes (body: ReadOnlySequence<byte>) =
    match CompletionApi.TryParse(body, limits) with
    | true, request, _ -> Ok(nonNull request)
    | false, _, error -> Error(nonNull error)

let parseCompletion (json: string) =
    parseCompletionBytes (sequence (utf8 json))

let node (json: string) = nonNull (JsonNode.Parse json)

/// The request with the fields set over it.
let overlay (request: string) (fields: JsonNode) =
    let whole = (node request).AsObject()

    for field in fields.AsObject() do
        whole[field.Key] <-
            if isNull field.Value then
                null
            else
                (nonNull field.Value).DeepClone()

    whole.ToJsonString()

let plainChat = """{"model":"m","messages":[{"role":"user","content":"Hi"}]}"""

let plainCompletion = """{"model":"m","prompt":"Hi"}"""

let chatWith (fields: string) = overlay plainChat (node fields)

let completionWith (fields: string) = overlay plainCompletion (node fields)

let private optionalText (row: JsonNode) (name: string) : string | null =
    match row[name] with
    | null -> null
    | value -> value.GetValue<string>()

/// One row of a table: what is sent, and what is said to it.
type Row = {
    Body: string
    Param: string | null
    Code: string | null
    Message: string | null
}

let private row request (line: string) =
    let row = node line

    {
        Body =
            match row["with"] with
            | null -> (nonNull row["text"]).GetValue<string>()
            | fields -> overlay request fields
        Param = optionalText row "param"
        Code = optionalText row "code"
        Message = optionalText row "message"
    }

let table name request =
    Path.Combine(AppContext.BaseDirectory, "Tables", name)
    |> File.ReadAllLines
    |> Array.map (row request)
