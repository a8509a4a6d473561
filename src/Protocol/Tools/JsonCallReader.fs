namespace StreamCore.Protocol

open System
open System.Text
open System.Text.Json

/// What the next byte of a call's object is taken for.
type internal CallStep =
    | Brace = 0
    | Key = 1
    | KeyText = 2
    | Colon = 3
    | Value = 4
    | NameText = 5
    | Arguments = 6
    | ArgumentsText = 7
    | Skipped = 8
    | AfterValue = 9

/// The words that objects of calls are made of.
[<RequireQualifiedAccess>]
module internal CallWords =
    let names = [| "name"B; "tool_name"B |]
    let arguments = [| "arguments"B; "parameters"B |]
    let others = [| "type"B; "id"B; "tool_call_id"B |]
    let noArguments = "{}"B
    let isOf words (text: ReadOnlySpan<byte>) = CallText.indexIn words text >= 0

/// Reads calls that are objects with a name and arguments.
///
///     Brace → Key → KeyText → Colon → Value → NameText | Arguments | ArgumentsText | Skipped → AfterValue → Key
[<Sealed>]
type internal JsonCallReader(names: string[], closing: byte[]) =
    let spellings = names |> Array.map Encoding.UTF8.GetBytes
    let walk = JsonWalk closing
    let mutable step = CallStep.Brace
    let mutable status = CallStatus.NeedsMore
    let mutable textStart = 0
    let mutable afterColon = CallStep.Skipped
    let mutable isLoose = false
    let mutable name = -1
    let mutable isBegun = false
    let mutable heldStart = 0
    let mutable heldEnd = 0
    let mutable heldText: byte[] | null = null

    /// A string that is no word. What follows its quotation mark is content again, and need not wait for its end.
    let isTooLong () =
        let isLong = walk.Position - textStart > CallText.MaxLength

        if isLong then
            walk.Position <- textStart

        isLong

    let fail () =
        status <- CallStatus.Failed
        true

    let into next =
        step <- next
        true

    let eat next =
        walk.Position <- walk.Position + 1
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

    let brace (text: ReadOnlySpan<byte>) =
        if walk.Position = text.Length then false
        elif text[walk.Position] = '{'B then eat CallStep.Key
        else fail ()

    let key (text: ReadOnlySpan<byte>) call events =
        if not (walk.SkipSpace text) then
            false
        elif text[walk.Position] = '"'B then
            textStart <- walk.Position + 1
            eat CallStep.KeyText
        elif text[walk.Position] = '}'B then
            walk.Position <- walk.Position + 1
            finish call events
        else
            fail ()

    /// Arguments and names count once; what else a marked object holds is passed over, and no bare object holds it.
    let keyText (text: ReadOnlySpan<byte>) =
        let isWhole = walk.ToQuote text

        if isTooLong () then
            fail ()
        elif not isWhole then
            false
        else
            let key = text.Slice(textStart, walk.Position - textStart)
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
        walk.StartValue()
        into CallStep.Skipped

    let beginArguments (text: ReadOnlySpan<byte>) call events =
        match text[walk.Position] with
        | '{'B ->
            heldStart <- walk.Position
            walk.StartValue()

            if name >= 0 then
                announce call events

            into CallStep.Arguments
        | '"'B ->
            textStart <- walk.Position
            eat CallStep.ArgumentsText
        | 'n'B -> skip ()
        | _ -> fail ()

    let value (text: ReadOnlySpan<byte>) call events =
        if not (walk.SkipSpace text) then
            false
        elif afterColon = CallStep.Arguments then
            beginArguments text call events
        elif afterColon = CallStep.Skipped then
            skip ()
        elif text[walk.Position] = '"'B then
            textStart <- walk.Position + 1
            eat CallStep.NameText
        else
            fail ()

    let nameText (text: ReadOnlySpan<byte>) call events =
        let isWhole = walk.ToQuote text

        if isTooLong () then
            fail ()
        elif not isWhole then
            false
        else
            name <- CallText.indexIn spellings (text.Slice(textStart, walk.Position - textStart))

            if name < 0 then
                fail ()
            else
                release text call events
                eat CallStep.AfterValue

    /// Tells of the object of arguments as far as it has come, or keeps in mind where it is.
    let argumentsObject (text: ReadOnlySpan<byte>) call events =
        let ended = walk.ToValueEnd text

        if isBegun then
            arguments call (text.Slice(heldStart, walk.Position - heldStart)) events
            heldStart <- walk.Position
        elif ended then
            heldEnd <- walk.Position

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
        if not (walk.ToQuote text) then
            false
        else
            heldText <- unescaped (text.Slice(textStart, walk.Position + 1 - textStart))

            if name >= 0 then
                release text call events

            eat CallStep.AfterValue

    let afterValue (text: ReadOnlySpan<byte>) call events =
        if not (walk.SkipSpace text) then
            false
        elif text[walk.Position] = ','B then
            eat CallStep.Key
        elif text[walk.Position] = '}'B then
            walk.Position <- walk.Position + 1
            finish call events
        else
            fail ()

    let advance (text: ReadOnlySpan<byte>) call events =
        match step with
        | CallStep.Brace -> brace text
        | CallStep.Key -> key text call events
        | CallStep.KeyText -> keyText text
        | CallStep.Colon when not (walk.SkipSpace text) -> false
        | CallStep.Colon ->
            if text[walk.Position] = ':'B then
                eat CallStep.Value
            else
                fail ()
        | CallStep.Value -> value text call events
        | CallStep.NameText -> nameText text call events
        | CallStep.Arguments -> argumentsObject text call events
        | CallStep.ArgumentsText -> argumentsText text call events
        | CallStep.Skipped -> walk.ToValueEnd text && into CallStep.AfterValue
        | _ -> afterValue text call events

    /// Ends a call that has begun before its object has ended.
    let giveUp call (events: IAnswerEvents) =
        if isBegun then
            events.CallEnd call
            status <- CallStatus.Done
        else
            status <- CallStatus.Failed

    interface ICallReader with
        member _.Position = walk.Position

        member _.Start(at, loose) =
            step <- CallStep.Brace
            status <- CallStatus.NeedsMore
            walk.Position <- at
            isLoose <- loose
            name <- -1
            isBegun <- false
            heldStart <- 0
            heldEnd <- 0
            heldText <- null

        member _.Read(text, call, events) =
            while status = CallStatus.NeedsMore && advance text call events do
                ()

            if status = CallStatus.Failed then
                giveUp call events

            status

        member _.End(text, call, events) =
            if isBegun && step = CallStep.Arguments then
                arguments call (text.Slice heldStart) events

            giveUp call events
            status
