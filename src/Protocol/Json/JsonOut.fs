namespace StreamCore.Protocol

open System
open System.Buffers
open System.Buffers.Text
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Unicode

/// JSON as UTF-8 into a buffer that was handed in. Whole objects go through `Utf8JsonWriter`; chunks of a stream,
/// of which there is one per token, are put together from prepared bytes.
[<RequireQualifiedAccess>]
module internal JsonOut =
    let private writerOptions =
        // Only what JSON itself demands is escaped: text reaches the client as it is.
        JsonWriterOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true)

    /// Dispose it to hand over what was written.
    let writer (output: IBufferWriter<byte>) =
        new Utf8JsonWriter(output, writerOptions)

    /// `null` when there is no text.
    let textOrNull (json: Utf8JsonWriter) (name: string) (value: string | null) =
        match value with
        | null -> json.WriteNull name
        | text -> json.WriteString(name, text)

    // RFC 8259 §7: the quotation mark, the reverse solidus and the control characters.
    let private mustEscape =
        SearchValues.Create(ReadOnlySpan(Array.append [| '"'B; '\\'B |] (Array.init 0x20 byte)))

    /// The letter of the two-character form, or 0 for those that only have the six-character form.
    let private shortForm value =
        match value with
        | '"'B
        | '\\'B -> value
        | '\n'B -> 'n'B
        | '\r'B -> 'r'B
        | '\t'B -> 't'B
        | '\b'B -> 'b'B
        | '\f'B -> 'f'B
        | _ -> 0uy

    let private hexDigit (value: byte) =
        if value < 10uy then '0'B + value else 'a'B + value - 10uy

    /// Bytes that the text takes inside a JSON string.
    let escapedLength (text: ReadOnlySpan<byte>) =
        let mutable rest = text
        let mutable length = text.Length
        let mutable at = rest.IndexOfAny mustEscape

        while at >= 0 do
            length <- length + (if shortForm rest[at] = 0uy then 5 else 1)
            rest <- rest.Slice(at + 1)
            at <- rest.IndexOfAny mustEscape

        length

    let private putEscape (target: Span<byte>) value =
        target[0] <- '\\'B
        let letter = shortForm value

        if letter <> 0uy then
            target[1] <- letter
            2
        else
            target[1] <- 'u'B
            target[2] <- '0'B
            target[3] <- '0'B
            target[4] <- hexDigit (value >>> 4)
            target[5] <- hexDigit (value &&& 0xFuy)
            6

    /// Puts the escaped text into the target, which has `escapedLength` bytes of room, and gives that length.
    let escape (target: Span<byte>) (text: ReadOnlySpan<byte>) =
        let mutable rest = text
        let mutable written = 0
        let mutable at = rest.IndexOfAny mustEscape

        while at >= 0 do
            rest.Slice(0, at).CopyTo(target.Slice written)
            written <- written + at
            written <- written + putEscape (target.Slice written) rest[at]
            rest <- rest.Slice(at + 1)
            at <- rest.IndexOfAny mustEscape

        rest.CopyTo(target.Slice written)
        written + rest.Length

    let private put (target: Span<byte>) at (bytes: byte[]) =
        bytes.CopyTo(target.Slice at)
        at + bytes.Length

    [<Literal>]
    let private MaxIndexDigits = 10

    let private putChunk (output: IBufferWriter<byte>) head (index: int) before (text: ReadOnlySpan<byte>) after =
        let length =
            Array.length head
            + MaxIndexDigits
            + Array.length before
            + escapedLength text
            + Array.length after

        let target = output.GetSpan length
        let mutable at = put target 0 head
        let mutable digits = 0
        Utf8Formatter.TryFormat(index, target.Slice at, &digits) |> ignore
        at <- put target (at + digits) before
        at <- at + escape (target.Slice at) text
        output.Advance(put target at after)

    /// One chunk in one span: head, index of the choice, what comes before the text, the text escaped, what comes after.
    /// Bytes that are not UTF-8 become U+FFFD, so that a chunk is JSON whatever a decoder does.
    let chunk (output: IBufferWriter<byte>) head index before (text: ReadOnlySpan<byte>) after =
        if Utf8.IsValid text then
            putChunk output head index before text after
        else
            let repaired = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString text)
            putChunk output head index before (ReadOnlySpan repaired) after
