namespace StreamCore.Protocol

open System
open System.Text
open System.Text.Json

/// What the next byte of a call's object is taken for.
type internal CallStep =
    | Key = 0
    | KeyText = 1
    | Colon = 2
    | Value = 3
    | NameText = 4
    | Arguments = 5
    | ArgumentsText = 6
    | Skipped = 7
    | AfterValue = 8

type internal CallStatus =
    | NeedsMore = 0
    /// The object has ended, or the call did without it.
    | Done = 1
    /// It is no call. Nothing was told of it.
    | Failed = 2

/// The words that objects of calls are made of.
[<RequireQualifiedAccess>]
module internal CallWords =
    let names = [| "name"B |]
    let arguments = [| "arguments"B; "parameters"B |]
    let others = [| "type"B; "id"B |]
    let noArguments = "{}"B

    /// The place of the text among the words, or -1.
    let indexIn (words: byte[][]) (text: ReadOnlySpan<byte>) =
        let mutable index = words.Length - 1

        while index >= 0 && not (text.SequenceEqual(ReadOnlySpan words[index])) do
            index <- index - 1

        index

    let isOf words (text: ReadOnlySpan<byte>) = indexIn words text >= 0

/// Reads the object of one call after another, from a text that grows. A call is told of as soon as its name is known and its
/// arguments have begun; from then on it stays a call, whatever follows.
///
///     Key → KeyText → Colon → Value → NameText | Arguments | ArgumentsText | Skipped → AfterValue → Key
[<Sealed>]
type internal CallReader(names: string[], closing: byte[]) =
    let spellings = names |> Array.map Encoding.UTF8.GetBytes
    let mutable step = CallStep.Key
    let mutable status = CallStatus.NeedsMore
    let mutable position = 0
    let mutable textStart = 0
    let mutable afterColon = CallStep.Skipped
    let mutable isLoose = false
    let mutable name = -1
    let mutable isBegun = false
    let mutable heldStart = 0
    let mutable heldEnd = 0
    let mutable heldText: byte[] | null = null
    let mutable depth = 0
    let mutable inString = false

    /// Moves to a byte that is not white space. False when there is none yet.
    let skipSpace (text: ReadOnlySpan<byte>) =
        while position < text.Length && ToolMarkup.isSpace text[position] do
            position <- position + 1

        position < text.Length

    /// Moves to the quotation mark that ends a string. False when it has not come yet.
    let toQuote (text: ReadOnlySpan<byte>) =
        let mutable waits = false

        while not waits && position < text.Length && text[position] <> '"'B do
            if text[position] <> '\\'B then
                position <- position + 1
            elif position + 1 < text.Length then
                position <- position + 2
            else
                waits <- true

        not waits && position < text.Length

    let fail () =
        status <- CallStatus.Failed
        true

    let into next =
        step <- next
        true

    let eat next =
        position <- position + 1
        into next

    let arguments call (text: ReadOnlySpan<byte>) (events: IAnswerEvents) =
        if text.Length > 0 then
            events.CallArguments(call, text)

    let announce call (events: IAnswerEvents) =
        isBegun <- true
        events.CallBegin(call, names[name])

    /// Tells of a call whose name came after its arguments.
    let release (text: ReadOnlySpan<byte>) call events =
        match heldText with
        | null when heldEnd > heldStart ->
            announce call events
            arguments call (text.Slice(heldStart, heldEnd - heldStart)) events
        | null -> ()
        | held ->
            announce call events
            arguments call (ReadOnlySpan held) events

    /// The object has ended. A call without arguments has an empty object of them.
    let finish call (events: IAnswerEvents) =
        if name < 0 then
            fail ()
        else
            if not isBegun then
                announce call events
                arguments call (ReadOnlySpan CallWords.noArguments) events

            events.CallEnd call
            status <- CallStatus.Done
            true

    let key (text: ReadOnlySpan<byte>) call events =
        if not (skipSpace text) then
            false
        elif text[position] = '"'B then
            textStart <- position + 1
            eat CallStep.KeyText
        elif text[position] = '}'B then
            position <- position + 1
            finish call events
        else
            fail ()

    /// Arguments and names count once; what else a marked object holds is passed over, and no bare object holds it.
    let keyText (text: ReadOnlySpan<byte>) =
        if not (toQuote text) then
            false
        else
            let key = text.Slice(textStart, position - textStart)
            let isName = CallWords.isOf CallWords.names key

            let isArguments = CallWords.isOf CallWords.arguments key
            let isKnown = CallWords.isOf CallWords.others key

            let hasArguments = isBegun || heldEnd > heldStart || not (isNull heldText)

            afterColon <-
                if isName && name < 0 then CallStep.NameText
                elif isArguments && not hasArguments then CallStep.Arguments
                else CallStep.Skipped

            if isName || isArguments || isKnown || not isLoose then
                eat CallStep.Colon
            else
                fail ()

    let skip () =
        depth <- 0
        inString <- false
        into CallStep.Skipped

    let beginArguments (text: ReadOnlySpan<byte>) call events =
        match text[position] with
        | '{'B ->
            heldStart <- position
            depth <- 0
            inString <- false

            if name >= 0 then
                announce call events

            into CallStep.Arguments
        | '"'B ->
            textStart <- position
            eat CallStep.ArgumentsText
        | 'n'B -> skip ()
        | _ -> fail ()

    let value (text: ReadOnlySpan<byte>) call events =
        if not (skipSpace text) then
            false
        elif afterColon = CallStep.Arguments then
            beginArguments text call events
        elif afterColon = CallStep.Skipped then
            skip ()
        elif text[position] = '"'B then
            textStart <- position + 1
            eat CallStep.NameText
        else
            fail ()

    let nameText (text: ReadOnlySpan<byte>) call events =
        if not (toQuote text) then
            false
        else
            name <- CallWords.indexIn spellings (text.Slice(textStart, position - textStart))

            if name < 0 then
                fail ()
            else
                release text call events
                eat CallStep.AfterValue

    /// Whether the closing marker is here, where JSON cannot have it. 1: yes; 0: it may yet become it; -1: no.
    let closes (text: ReadOnlySpan<byte>) =
        let rest = text.Slice position

        if closing.Length = 0 || rest[0] <> closing[0] then -1
        elif rest.StartsWith(ReadOnlySpan closing) then 1
        elif ReadOnlySpan(closing).StartsWith rest then 0
        else -1

    /// Takes a byte of a string within a value. False where more must come first.
    let insideString (text: ReadOnlySpan<byte>) =
        if text[position] <> '\\'B then
            inString <- text[position] <> '"'B
            position <- position + 1
            true
        elif position + 1 < text.Length then
            position <- position + 2
            true
        else
            false

    /// Moves to the end of a value of any kind, or to the closing marker that cuts it off. False when neither has come yet.
    let toValueEnd (text: ReadOnlySpan<byte>) =
        let mutable ended = false
        let mutable waits = false

        while not ended && not waits && position < text.Length do
            let byte = text[position]

            if inString then
                waits <- not (insideString text)
                ended <- depth = 0 && not inString
            else
                let closed = closes text
                let isEnd = byte = '}'B || byte = ']'B
                waits <- closed = 0
                ended <- closed = 1 || (depth = 0 && (isEnd || byte = ','B || ToolMarkup.isSpace byte))

                if not waits && not ended then
                    position <- position + 1
                    inString <- byte = '"'B

                    if byte = '{'B || byte = '['B then
                        depth <- depth + 1
                    elif isEnd then
                        depth <- depth - 1
                        ended <- depth = 0

        ended

    /// Tells of the object of arguments as far as it has come, or keeps in mind where it is.
    let argumentsObject (text: ReadOnlySpan<byte>) call events =
        let ended = toValueEnd text

        if isBegun then
            arguments call (text.Slice(heldStart, position - heldStart)) events
            heldStart <- position
        elif ended then
            heldEnd <- position

        ended && into CallStep.AfterValue

    /// The text in a JSON string, quotation marks included; what no JSON string may hold stays as it is.
    let unescaped (quoted: ReadOnlySpan<byte>) =
        try
            let mutable reader = Utf8JsonReader quoted
            reader.Read() |> ignore
            let bytes: byte[] = Array.zeroCreate quoted.Length
            let length = reader.CopyString(Span<byte> bytes)
            bytes.AsSpan(0, length).ToArray()
        with
        | :? JsonException
        | :? InvalidOperationException -> quoted.Slice(1, quoted.Length - 2).ToArray()

    let argumentsText (text: ReadOnlySpan<byte>) call events =
        if not (toQuote text) then
            false
        else
            heldText <- unescaped (text.Slice(textStart, position + 1 - textStart))

            if name >= 0 then
                release text call events

            eat CallStep.AfterValue

    let afterValue (text: ReadOnlySpan<byte>) call events =
        if not (skipSpace text) then
            false
        elif text[position] = ','B then
            eat CallStep.Key
        elif text[position] = '}'B then
            position <- position + 1
            finish call events
        else
            fail ()

    let advance (text: ReadOnlySpan<byte>) call events =
        match step with
        | CallStep.Key -> key text call events
        | CallStep.KeyText -> keyText text
        | CallStep.Colon when not (skipSpace text) -> false
        | CallStep.Colon ->
            if text[position] = ':'B then
                eat CallStep.Value
            else
                fail ()
        | CallStep.Value -> value text call events
        | CallStep.NameText -> nameText text call events
        | CallStep.Arguments -> argumentsObject text call events
        | CallStep.ArgumentsText -> argumentsText text call events
        | CallStep.Skipped -> toValueEnd text && into CallStep.AfterValue
        | _ -> afterValue text call events

    /// Ends a call that has begun before its object has ended.
    let giveUp call (events: IAnswerEvents) =
        if isBegun then
            events.CallEnd call
            status <- CallStatus.Done
        else
            status <- CallStatus.Failed

    member _.Position = position

    /// Begins with the object whose first byte, after its brace, is at the position. One that no marker announced is loose.
    member _.Start(at: int, loose: bool) =
        step <- CallStep.Key
        status <- CallStatus.NeedsMore
        position <- at
        isLoose <- loose
        name <- -1
        isBegun <- false
        heldStart <- 0
        heldEnd <- 0
        heldText <- null

    /// Reads on in the text, which holds all that it held before.
    member _.Read(text: ReadOnlySpan<byte>, call: int, events: IAnswerEvents) =
        while status = CallStatus.NeedsMore && advance text call events do
            ()

        if status = CallStatus.Failed then
            giveUp call events

        status

    /// The text has ended in the middle of the object.
    member _.End(text: ReadOnlySpan<byte>, call: int, events: IAnswerEvents) =
        if isBegun && step = CallStep.Arguments then
            arguments call (text.Slice heldStart) events

        giveUp call events
        status
