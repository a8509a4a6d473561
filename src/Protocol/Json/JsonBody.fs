namespace StreamCore.Protocol

open System
open System.Buffers
open System.Globalization
open System.Text.Json
open System.Text.Unicode

/// From the bytes of a request body to a JSON document whose every string is sound text.
[<RequireQualifiedAccess>]
module internal JsonBody =
    let private unreadable detail =
        let message = $"We could not parse the JSON body of your request. ({detail})"
        JsonFault.here (JsonReason.Other(message, null))

    let private position (error: JsonException) =
        let number (value: Nullable<int64>) =
            value.GetValueOrDefault().ToString CultureInfo.InvariantCulture

        $"What was sent is not valid JSON, or is nested too deeply, at line {number error.LineNumber}, byte {number error.BytePositionInLine}."

    let private unit (hex: ReadOnlySpan<byte>) =
        Int32.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)

    /// Whether every `\u` escape of a surrogate has its other half beside it (RFC 8259 §8.2). The text is valid JSON,
    /// so a reverse solidus is inside a string and begins a whole escape.
    let private surrogatesPaired (json: ReadOnlySpan<byte>) =
        let mutable rest = json
        let mutable paired = true
        let mutable at = rest.IndexOf '\\'B

        while paired && at >= 0 do
            rest <- rest.Slice at

            if rest[1] <> 'u'B then
                rest <- rest.Slice 2
            else
                let first = unit (rest.Slice(2, 4))
                rest <- rest.Slice 6

                if Char.IsHighSurrogate(char first) then
                    paired <-
                        rest[0] = '\\'B
                        && rest[1] = 'u'B
                        && Char.IsLowSurrogate(char (unit (rest.Slice(2, 4))))

                    if paired then
                        rest <- rest.Slice 6
                else
                    paired <- not (Char.IsLowSurrogate(char first))

            at <- rest.IndexOf '\\'B

        paired

    let private contiguous (body: ReadOnlySequence<byte>) =
        if body.IsSingleSegment then
            body.First
        else
            ReadOnlyMemory(BuffersExtensions.ToArray(&body))

    /// The document, which the caller disposes before the body's memory is given back.
    /// Of two fields of one name the last counts, as with OpenAI.
    let parse (body: ReadOnlySequence<byte>) maxDepth : Result<JsonDocument, JsonFault> =
        let json = contiguous body

        if not (Utf8.IsValid json.Span) then
            unreadable "What was sent is not valid UTF-8."
        else
            try
                let document = JsonDocument.Parse(json, JsonDocumentOptions(MaxDepth = maxDepth))

                if surrogatesPaired json.Span then
                    Ok document
                else
                    document.Dispose()
                    unreadable "A string contains half of a surrogate pair."
            with :? JsonException as error ->
                unreadable (position error)
