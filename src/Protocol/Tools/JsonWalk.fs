namespace StreamCore.Protocol

open System

/// Moves through JSON in a text that grows, as far as there is text. It balances brackets and reads strings, and checks nothing.
/// The closing marker, which JSON cannot have outside strings, cuts any value off; empty where there is none.
[<Sealed>]
type internal JsonWalk(closing: byte[]) =
    let mutable position = 0
    let mutable depth = 0
    let mutable inString = false

    /// Whether the closing marker is here, where JSON cannot have it. 1: yes; 0: it may yet become it; -1: no.
    let closes (text: ReadOnlySpan<byte>) =
        let rest = text.Slice position

        if closing.Length = 0 || rest[0] <> closing[0] then
            -1
        else
            ToolMarkup.begins rest closing

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

    member _.Position
        with get () = position
        and set at = position <- at

    /// Moves to a byte that is not white space. False when there is none yet.
    member _.SkipSpace(text: ReadOnlySpan<byte>) =
        while position < text.Length && ToolMarkup.isSpace text[position] do
            position <- position + 1

        position < text.Length

    /// Moves to the quotation mark that ends a string. False when it has not come yet.
    member _.ToQuote(text: ReadOnlySpan<byte>) =
        let mutable waits = false

        while not waits && position < text.Length && text[position] <> '"'B do
            if text[position] <> '\\'B then
                position <- position + 1
            elif position + 1 < text.Length then
                position <- position + 2
            else
                waits <- true

        not waits && position < text.Length

    /// A value begins at the position.
    member _.StartValue() =
        depth <- 0
        inString <- false

    /// Moves to the end of a value of any kind, or to the closing marker that cuts it off. False when neither has come yet.
    member _.ToValueEnd(text: ReadOnlySpan<byte>) =
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
