namespace StreamCore.Protocol

open System
open System.Buffers
open System.Collections.Generic
open System.Globalization
open System.Text
open System.Text.Json

/// What the next byte of parameters is taken for.
type internal ParameterStep =
    | Item = 0
    | Key = 1
    | ValueOpening = 2
    | LineFeed = 3
    | Text = 4
    | Json = 5

/// Turns arguments that are written with a key each into the JSON object they stand for: text, but for what the tool's schema
/// declares to be something else, and is. Text is turned while it comes, other values when they are whole.
///
///     Item → Key → ValueOpening → LineFeed → Text | Json → Item
[<Sealed>]
type internal ParameterReader(form: ParameterForm) =
    let output = ArrayBufferWriter<byte>()
    let mutable kinds = Dictionary<string, JsonKinds>()
    let mutable kind = JsonKinds.Text
    let mutable step = ParameterStep.Item
    let mutable position = 0
    let mutable isFirst = true
    let mutable status = CallStatus.NeedsMore

    let write (text: string) =
        output.Write(ReadOnlySpan(Encoding.UTF8.GetBytes text))

    let escape (value: byte) =
        match value with
        | '"'B -> "\\\""
        | '\\'B -> "\\\\"
        | '\n'B -> "\\n"
        | control -> "\\u" + (int control).ToString("x4", CultureInfo.InvariantCulture)

    /// Text within a JSON string, which must not hold these bytes as they are (RFC 8259 §7).
    let writeText (text: ReadOnlySpan<byte>) =
        let mutable start = 0

        for index in 0 .. text.Length - 1 do
            let value = text[index]

            if value < ' 'B || value = '"'B || value = '\\'B then
                output.Write(text.Slice(start, index - start))
                write (escape value)
                start <- index + 1

        output.Write(text.Slice start)

    let into next at =
        step <- next
        position <- at
        true

    let ended result =
        status <- result
        false

    let item (text: ReadOnlySpan<byte>) =
        while position < text.Length && ToolMarkup.isSpace text[position] do
            position <- position + 1

        let rest = text.Slice position
        let mutable ends = -1

        for ending in form.Endings do
            ends <- max ends (ToolMarkup.begins rest ending)

        match ToolMarkup.begins rest form.KeyOpening with
        | 1 -> into ParameterStep.Key (position + form.KeyOpening.Length)
        | _ when ends = 1 ->
            write (if isFirst then "{}" else "}")
            ended CallStatus.Done
        | -1 when ends = -1 -> ended CallStatus.Failed
        | _ -> false

    let key (text: ReadOnlySpan<byte>) =
        let rest = text.Slice position
        let length = rest.IndexOf(ReadOnlySpan form.KeyClosing)

        if
            length > CallText.MaxLength
            || (length < 0 && rest.Length >= CallText.MaxLength + form.KeyClosing.Length)
        then
            ended CallStatus.Failed
        elif length < 0 then
            false
        else
            let name = Encoding.UTF8.GetString(rest.Slice(0, length)).Trim()
            write (if isFirst then "{" else ", ")
            write (JsonSerializer.Serialize name)
            write ": "
            isFirst <- false

            if not (kinds.TryGetValue(name, &kind)) then
                kind <- JsonKinds.Text

            into ParameterStep.ValueOpening (position + length + form.KeyClosing.Length)

    let valueOpening (text: ReadOnlySpan<byte>) =
        if form.ValueOpening.Length = 0 then
            into ParameterStep.LineFeed position
        else
            while position < text.Length && ToolMarkup.isSpace text[position] do
                position <- position + 1

            match ToolMarkup.begins (text.Slice position) form.ValueOpening with
            | 1 -> into ParameterStep.LineFeed (position + form.ValueOpening.Length)
            | 0 -> false
            | _ -> ended CallStatus.Failed

    let lineFeed (text: ReadOnlySpan<byte>) =
        if form.HasLineFeeds && position = text.Length then
            false
        else
            let isText = kind = JsonKinds.Text

            if isText then
                write "\""

            into
                (if isText then ParameterStep.Text else ParameterStep.Json)
                (if form.HasLineFeeds && text[position] = '\n'B then
                     position + 1
                 else
                     position)

    /// The value as far as it is sure to be one, and where its closing is, or -1.
    let value (text: ReadOnlySpan<byte>) : struct (int * int) =
        let rest = text.Slice position
        let found = rest.IndexOf(ReadOnlySpan form.ValueClosing)

        let length =
            if found >= 0 then
                found
            else
                rest.Length - ToolMarkup.begun rest form.ValueClosing

        let feed =
            if form.HasLineFeeds && length > 0 && rest[length - 1] = '\n'B then
                1
            else
                0

        struct (length - feed, (if found < 0 then -1 else position + found))

    let after closing =
        into ParameterStep.Item (closing + form.ValueClosing.Length)

    let textValue (text: ReadOnlySpan<byte>) =
        let struct (length, closing) = value text
        writeText (text.Slice(position, length))
        position <- position + length

        if closing >= 0 then
            write "\""

        closing >= 0 && after closing

    let jsonValue (text: ReadOnlySpan<byte>) =
        let struct (length, closing) = value text

        if closing >= 0 then
            let written = text.Slice(position, length)

            match ParameterKinds.tryJson kind written with
            | null ->
                write "\""
                writeText written
                write "\""
            | json -> write json

        closing >= 0 && after closing

    let advance text =
        match step with
        | ParameterStep.Item -> item text
        | ParameterStep.Key -> key text
        | ParameterStep.ValueOpening -> valueOpening text
        | ParameterStep.LineFeed -> lineFeed text
        | ParameterStep.Text -> textValue text
        | _ -> jsonValue text

    member _.Position = position

    /// JSON text that has not been taken away.
    member _.Output = output

    /// Begins with what is there, of a tool whose arguments have this JSON Schema.
    member _.Start(at: int, schema: string) =
        kinds <- ParameterKinds.ofTool schema
        step <- ParameterStep.Item
        position <- at
        isFirst <- true
        status <- CallStatus.NeedsMore
        output.ResetWrittenCount()

    /// Reads on. It has failed where something else is there than parameters.
    member _.Read(text: ReadOnlySpan<byte>) =
        while status = CallStatus.NeedsMore && advance text do
            ()

        status

    /// The text has ended: of a text that was cut off all is told, of another value nothing.
    member _.End(text: ReadOnlySpan<byte>) =
        if step = ParameterStep.Text then
            writeText (text.Slice position)
