namespace StreamCore.Protocol

open System

/// What an answer's next byte belongs to.
type internal AnswerPart =
    /// White space, before it is known what it is in front of.
    | Start = 0
    | ReasoningStart = 1
    | Reasoning = 2
    | AfterReasoning = 3
    | Text = 4
    /// After an opening marker, or between the items of a list.
    | Opened = 5
    | Call = 6
    | AfterCall = 7
    | AfterCalls = 8
    | Over = 9

//     Start → ReasoningStart → Reasoning → AfterReasoning → Start
//     Start → Text ⇄ Opened → Call → AfterCall → AfterCalls → Start      (a failed Call is Text)
//     Start → Opened                                                      (bare syntaxes)
[<Sealed>]
type AnswerScanner(syntax: AnswerSyntax) =
    let markup = ToolMarkup.ofSyntax syntax.Tools

    let reader: ICallReader =
        if markup.Parts.Length = 0 then
            JsonCallReader(syntax.Callable |> Array.map _.Name, markup.Closing)
        else
            MarkedCallReader(syntax.Callable, markup)

    let isPlain = syntax.Tools = ToolSyntax.None && not syntax.HasReasoning
    let mutable mayReason = syntax.HasReasoning
    let mutable position = 0
    /// Where what has not been told begins.
    let mutable mark = 0
    let mutable isMarked = false
    let mutable inList = false
    let mutable hadCall = false
    let mutable calls = 0
    /// The one call that was asked for is there: what comes after it does not matter.
    let mutable isSatisfied = false

    let mutable part =
        if syntax.StartsInReasoning then AnswerPart.ReasoningStart
        elif syntax.ContinuesText || isPlain then AnswerPart.Text
        else AnswerPart.Start

    let into next at =
        part <- next
        position <- at
        mark <- at
        true

    let skipSpace (text: ReadOnlySpan<byte>) =
        while position < text.Length && ToolMarkup.isSpace text[position] do
            position <- position + 1

        position < text.Length

    /// Skips line feeds around reasoning, which belong to its markup.
    let skipLines (text: ReadOnlySpan<byte>) =
        while position < text.Length && (text[position] = '\n'B || text[position] = '\r'B) do
            position <- position + 1

        mark <- position
        position < text.Length

    let tellText (text: ReadOnlySpan<byte>) until (events: IAnswerEvents) =
        if until > mark then
            events.Text(mark, text.Slice(mark, until - mark))
            mark <- until

    let tellReasoning (text: ReadOnlySpan<byte>) until (events: IAnswerEvents) =
        if until > mark then
            events.Reasoning(text.Slice(mark, until - mark))
            mark <- until

    /// Whether the marker is here. 1: yes; 0: it may yet be; -1: no.
    let isHere (text: ReadOnlySpan<byte>) (marker: byte[]) isEnd =
        match ToolMarkup.begins (text.Slice position) marker with
        | 0 when isEnd -> -1
        | other -> other

    /// Where the untold part of the text may be told to, and where the marker is, or -1. Line feeds before it belong to it.
    let search (text: ReadOnlySpan<byte>) (marker: byte[]) : struct (int * int) =
        let rest = text.Slice mark
        let found = rest.IndexOf(ReadOnlySpan marker)

        let before =
            if found >= 0 then
                rest.Slice(0, found)
            else
                rest.Slice(0, rest.Length - ToolMarkup.begun rest marker)

        struct (mark + before.Length - ToolMarkup.lineFeeds before, (if found < 0 then -1 else mark + found))

    let start (text: ReadOnlySpan<byte>) isEnd =
        if not (skipSpace text) then
            false
        else
            let reasons =
                if mayReason then
                    isHere text ToolMarkup.reasoningOpening isEnd
                else
                    -1

            let isBare =
                markup.IsBare
                && (text[position] = '{'B || (text[position] = '['B && markup.HasLists))

            if reasons = 0 then
                false
            elif reasons = 1 then
                into AnswerPart.ReasoningStart (position + ToolMarkup.reasoningOpening.Length)
            else
                mayReason <- false
                isMarked <- false
                inList <- false
                hadCall <- false
                position <- mark
                part <- if isBare then AnswerPart.Opened else AnswerPart.Text
                true

    let reasoning (text: ReadOnlySpan<byte>) events =
        mayReason <- false
        let struct (until, found) = search text ToolMarkup.reasoningClosing
        tellReasoning text until events

        found >= 0
        && into AnswerPart.AfterReasoning (found + ToolMarkup.reasoningClosing.Length)

    let plain (text: ReadOnlySpan<byte>) events =
        if markup.Opening.Length = 0 then
            tellText text text.Length events
            false
        else
            let struct (until, found) = search text markup.Opening
            tellText text until events

            if found >= 0 then
                isMarked <- true
                inList <- false
                hadCall <- false
                part <- AnswerPart.Opened
                position <- found + markup.Opening.Length

            found >= 0

    /// It was no call: content up to here, but for the marks between calls.
    let notACall (text: ReadOnlySpan<byte>) events =
        tellText text position events
        into AnswerPart.Text position

    let opened (text: ReadOnlySpan<byte>) =
        if not (skipSpace text) then
            false
        elif text[position] = '['B && markup.HasLists && not inList then
            inList <- true
            position <- position + 1
            true
        else
            if hadCall then
                mark <- position

            reader.Start(position, not isMarked)
            part <- AnswerPart.Call
            true

    let ended () =
        calls <- calls + 1
        hadCall <- true
        isSatisfied <- syntax.IsSingleCall

        into
            (if syntax.IsSingleCall then
                 AnswerPart.Over
             else
                 AnswerPart.AfterCall)
            position

    let call (text: ReadOnlySpan<byte>) events =
        let status = reader.Read(text, calls, events)
        position <- reader.Position

        match status with
        | CallStatus.Done -> ended ()
        | CallStatus.Failed -> notACall text events
        | _ -> false

    /// The closing marker, before which a brace too many is forgiven.
    let closing (text: ReadOnlySpan<byte>) isEnd =
        if markup.Closing.Length = 0 then
            into AnswerPart.AfterCalls position
        elif text[position] = '}'B then
            position <- position + 1
            true
        else
            match isHere text markup.Closing isEnd with
            | 0 -> false
            | 1 -> into AnswerPart.AfterCalls (position + markup.Closing.Length)
            | _ -> into AnswerPart.AfterCalls position

    /// After a call come the next one, the end of the list, or the closing marker.
    let afterCall (text: ReadOnlySpan<byte>) isEnd =
        if not (skipSpace text) then
            false
        elif inList && text[position] = ','B then
            into AnswerPart.Opened (position + 1)
        elif inList && text[position] = ']'B then
            inList <- false
            position <- position + 1
            true
        elif markup.Next.Length = 0 then
            closing text isEnd
        else
            match isHere text markup.Next isEnd with
            | 0 -> false
            | 1 -> into AnswerPart.Opened position
            | _ -> closing text isEnd

    let afterCalls (text: ReadOnlySpan<byte>) =
        if not (skipSpace text) then
            false
        elif markup.IsBare && text[position] = ';'B then
            into AnswerPart.AfterCalls (position + 1)
        else
            into AnswerPart.Start position

    let advance (text: ReadOnlySpan<byte>) isEnd events =
        match part with
        | AnswerPart.Start -> start text isEnd
        | AnswerPart.ReasoningStart -> skipLines text && into AnswerPart.Reasoning position
        | AnswerPart.Reasoning -> reasoning text events
        | AnswerPart.AfterReasoning -> skipLines text && into AnswerPart.Start position
        | AnswerPart.Text -> plain text events
        | AnswerPart.Opened -> opened text
        | AnswerPart.Call -> call text events
        | AnswerPart.AfterCall -> afterCall text isEnd
        | AnswerPart.AfterCalls -> afterCalls text
        | _ -> false

    /// Tells what was held back for an end that has not come.
    let finish (text: ReadOnlySpan<byte>) events =
        match part with
        | AnswerPart.Start
        | AnswerPart.Text -> tellText text text.Length events
        | AnswerPart.Reasoning -> tellReasoning text text.Length events
        | AnswerPart.Opened when not hadCall -> tellText text text.Length events
        | AnswerPart.Call when reader.End(text, calls, events) = CallStatus.Done -> calls <- calls + 1
        | AnswerPart.Call -> tellText text text.Length events
        | _ -> ()

        part <- AnswerPart.Over

    member _.Read(text: ReadOnlySpan<byte>, isEnd: bool, events: IAnswerEvents) =
        while advance text isEnd events do
            ()

        if isEnd then
            finish text events

    member _.CallCount = calls

    member _.FinishReason(ended: FinishReason, asFunctions: bool) =
        if calls = 0 || (ended <> FinishReason.Stop && not isSatisfied) then
            ended
        elif asFunctions then
            FinishReason.FunctionCall
        else
            FinishReason.ToolCalls
