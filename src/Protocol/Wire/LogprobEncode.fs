namespace StreamCore.Protocol

open System
open System.Globalization
open System.Text
open System.Text.Json
open System.Text.Unicode

/// Logprobs in the shapes of both endpoints. They are asked for seldom, so nothing here avoids allocation.
[<RequireQualifiedAccess>]
module internal LogprobEncode =
    /// What OpenAI's reference names for the most unlikely tokens. JSON has no infinity.
    [<Literal>]
    let private Lowest = -9999.0f

    let private number (json: Utf8JsonWriter) (logprob: float32) =
        if Single.IsNaN logprob then
            json.WriteNullValue()
        else
            json.WriteNumberValue(max logprob Lowest)

    let private bytes (json: Utf8JsonWriter) (value: ReadOnlySpan<byte>) =
        json.WriteStartArray "bytes"

        for one in value do
            json.WriteNumberValue(int one)

        json.WriteEndArray()

    let private chatFields (json: Utf8JsonWriter) (score: TokenScore) =
        json.WriteString("token", Encoding.UTF8.GetString score.Bytes.Span)
        json.WritePropertyName "logprob"
        number json score.Logprob
        bytes json score.Bytes.Span

    let private chatToken (json: Utf8JsonWriter) (token: TokenLogprobs) =
        json.WriteStartObject()
        chatFields json token.Token
        json.WriteStartArray "top_logprobs"

        for score in token.Top do
            json.WriteStartObject()
            chatFields json score
            json.WriteEndObject()

        json.WriteEndArray()
        json.WriteEndObject()

    /// `logprobs` of a chat choice.
    let chat (json: Utf8JsonWriter) (tokens: TokenLogprobs[] | null) =
        match tokens with
        | null -> json.WriteNull "logprobs"
        | tokens ->
            json.WriteStartObject "logprobs"
            json.WriteStartArray "content"
            tokens |> Array.iter (chatToken json)
            json.WriteEndArray()
            json.WriteNull "refusal"
            json.WriteEndObject()

    let private hexByte (value: byte) =
        "\\x" + value.ToString("x2", CultureInfo.InvariantCulture)

    /// The token as a text: where it is not UTF-8 alone, `bytes:` and each byte as an escape, as OpenAI writes it,
    /// so that two of them have two names.
    let private name (score: TokenScore) =
        if Utf8.IsValid score.Bytes.Span then
            Encoding.UTF8.GetString score.Bytes.Span
        else
            "bytes:" + String.Concat(Array.map hexByte (score.Bytes.ToArray()))

    let private top (json: Utf8JsonWriter) (token: TokenLogprobs) =
        if Single.IsNaN token.Token.Logprob then
            json.WriteNullValue()
        else
            json.WriteStartObject()
            let names = Array.map name token.Top

            for index in 0 .. names.Length - 1 do
                if Array.IndexOf(names, names[index]) = index then
                    json.WritePropertyName names[index]
                    number json token.Top[index].Logprob

            // The token itself is always among them, so there may be one more than asked for.
            let own = name token.Token

            if Array.IndexOf(names, own) < 0 then
                json.WritePropertyName own
                number json token.Token.Logprob

            json.WriteEndObject()

    let private list (json: Utf8JsonWriter) (title: string) (write: TokenLogprobs -> unit) (tokens: TokenLogprobs[]) =
        json.WriteStartArray title
        tokens |> Array.iter write
        json.WriteEndArray()

    /// `logprobs` of a choice of text completions.
    let completion (json: Utf8JsonWriter) (tokens: TokenLogprobs[] | null) =
        match tokens with
        | null -> json.WriteNull "logprobs"
        | tokens ->
            json.WriteStartObject "logprobs"
            list json "tokens" (fun token -> json.WriteStringValue(name token.Token)) tokens
            list json "token_logprobs" (fun token -> number json token.Token.Logprob) tokens
            list json "top_logprobs" (top json) tokens
            list json "text_offset" (fun token -> json.WriteNumberValue token.TextOffset) tokens
            json.WriteEndObject()

    /// A chunk with logprobs: what its choice begins with comes from `delta`.
    let chunk output (start: Utf8JsonWriter -> unit) includeUsage (index: int) (delta: Utf8JsonWriter -> unit) =
        use json = JsonOut.writer output
        start json
        json.WriteStartArray "choices"
        json.WriteStartObject()
        json.WriteNumber("index", index)
        delta json
        json.WriteNull "finish_reason"
        json.WriteEndObject()
        json.WriteEndArray()

        if includeUsage then
            json.WriteNull "usage"

        json.WriteEndObject()
