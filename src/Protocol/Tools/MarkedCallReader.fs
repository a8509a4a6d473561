namespace StreamCore.Protocol

open System
open System.Text

/// Reads calls that are no JSON objects: a name and arguments, with markers around them.
[<Sealed>]
type internal MarkedCallReader(tools: ToolDefinition[], markup: ToolMarkup) =
    let names = tools |> Array.map (fun tool -> Encoding.UTF8.GetBytes tool.Name)

    let parameters =
        markup.Parts
        |> Array.tryPick (fun part ->
            match part with
            | CallPart.Parameters form -> Some(ParameterReader form)
            | _ -> None)

    /// What cuts arguments off: the marker that comes after them.
    let walk =
        JsonWalk(
            match Array.last markup.Parts with
            | CallPart.OptionalMark mark -> mark
            | _ -> markup.Closing
        )

    let mutable part = 0
    let mutable status = CallStatus.NeedsMore
    let mutable position = 0
    let mutable name = -1
    let mutable isBegun = false
    /// Within the arguments, which begin before the position.
    let mutable isWithin = false

    let next at =
        position <- at
        part <- part + 1
        isWithin <- false
        true

    let fail () =
        status <- CallStatus.Failed
        false

    let skipSpace (text: ReadOnlySpan<byte>) =
        while position < text.Length && ToolMarkup.isSpace text[position] do
            position <- position + 1

    let tell call (json: ReadOnlySpan<byte>) (events: IAnswerEvents) =
        if json.Length > 0 then
            if not isBegun then
                isBegun <- true
                events.CallBegin(call, tools[name].Name)

            events.CallArguments(call, json)

    /// A letter that names of tools may have.
    let isNameLetter (value: byte) =
        Char.IsAsciiLetterOrDigit(char value) || value = '_'B || value = '-'B

    /// The length of the word that is here, or -1 where more of it may come.
    let wordLength (text: ReadOnlySpan<byte>) =
        let mutable length = 0

        while position + length < text.Length && isNameLetter text[position + length] do
            length <- length + 1

        if position + length = text.Length && length <= CallText.MaxLength then
            -1
        else
            length

    let nameWord (text: ReadOnlySpan<byte>) =
        skipSpace text

        match wordLength text with
        | -1 -> false
        | length ->
            name <- CallText.indexIn names (text.Slice(position, length))
            if name < 0 then fail () else next (position + length)

    let mark (text: ReadOnlySpan<byte>) (marker: byte[]) isOptional =
        skipSpace text

        match ToolMarkup.begins (text.Slice position) marker with
        | 1 -> next (position + marker.Length)
        | 0 -> false
        | _ -> if isOptional then next position else fail ()

    let id (text: ReadOnlySpan<byte>) (marker: byte[]) =
        if isWithin then
            match wordLength text with
            | -1 -> false
            | length when length > CallText.MaxLength -> fail ()
            | length -> next (position + length)
        else
            match ToolMarkup.begins (text.Slice position) marker with
            | 1 ->
                isWithin <- true
                position <- position + marker.Length
                true
            | 0 -> false
            | _ -> next position

    let jsonArguments (text: ReadOnlySpan<byte>) call events =
        if not isWithin then
            skipSpace text

            if position = text.Length then
                false
            elif text[position] <> '{'B then
                fail ()
            else
                walk.Position <- position
                walk.StartValue()
                isWithin <- true
                true
        else
            let hasEnded = walk.ToValueEnd text
            tell call (text.Slice(position, walk.Position - position)) events
            position <- walk.Position
            hasEnded && next position

    let parameterList (reader: ParameterReader) (text: ReadOnlySpan<byte>) call events =
        if not isWithin then
            reader.Start(position, tools[name].Parameters)
            isWithin <- true

        let read = reader.Read text
        position <- reader.Position
        tell call reader.Output.WrittenSpan events
        reader.Output.ResetWrittenCount()

        match read with
        | CallStatus.Done -> next position
        | CallStatus.Failed -> fail ()
        | _ -> false

    let advance (text: ReadOnlySpan<byte>) call (events: IAnswerEvents) =
        if part = markup.Parts.Length then
            events.CallEnd call
            status <- CallStatus.Done
            false
        else
            match markup.Parts[part], parameters with
            | CallPart.Name, _ -> nameWord text
            | CallPart.Mark marker, _ -> mark text marker false
            | CallPart.OptionalMark marker, _ -> mark text marker true
            | CallPart.OptionalId marker, _ -> id text marker
            | CallPart.Parameters _, Some reader -> parameterList reader text call events
            | _ -> jsonArguments text call events

    /// Ends a call that has begun before its own end.
    let giveUp call (events: IAnswerEvents) =
        if isBegun then
            events.CallEnd call
            status <- CallStatus.Done
        else
            status <- CallStatus.Failed

    interface ICallReader with
        member _.Position = position

        member _.Start(at, _) =
            part <- 0
            status <- CallStatus.NeedsMore
            position <- at
            name <- -1
            isBegun <- false
            isWithin <- false

        member _.Read(text, call, events) =
            while status = CallStatus.NeedsMore && advance text call events do
                ()

            if status = CallStatus.Failed then
                giveUp call events

            status

        member _.End(text, call, events) =
            match parameters with
            | Some reader when isWithin && isBegun ->
                reader.End text
                tell call reader.Output.WrittenSpan events
            | _ when isWithin && isBegun -> tell call (text.Slice position) events
            | _ -> ()

            giveUp call events
            status
