namespace StreamCore.Protocol.Grammar

open System

/// A regular expression's code points, and how far they are read.
[<Sealed>]
type internal RegexCursor(pattern: string) =
    let points = [| for rune in pattern.EnumerateRunes() -> rune.Value |]

    static member Unsupported(what: string) : 'T =
        GrammarFault.Stop(String.concat "" [ "the pattern uses "; what; ", which is not supported" ])

    static member Invalid(what: string) : 'T =
        GrammarFault.Stop(String.concat "" [ "the pattern is not a regular expression: "; what ])

    /// The place of the next code point.
    member val At = 0 with get, set

    member cursor.HasEnded = cursor.At >= points.Length

    /// The code point so far ahead; -1 beyond the end.
    member cursor.Peek(ahead: int) =
        if cursor.At + ahead < points.Length then
            points[cursor.At + ahead]
        else
            -1

    member cursor.IsNext(value: char) = cursor.Peek 0 = int value

    member cursor.IsText(text: string) =
        text
        |> Seq.indexed
        |> Seq.forall (fun (index, one) -> cursor.Peek index = int one)

    member cursor.Skip(count: int) = cursor.At <- cursor.At + count

    member cursor.Take() =
        if cursor.HasEnded then
            RegexCursor.Invalid "it ends too early"

        cursor.Skip 1
        points[cursor.At - 1]

    /// The character, or NUL for one beyond ASCII: nothing beyond ASCII has a meaning of its own.
    static member Ascii(value: int) =
        if value >= 0 && value < 128 then char value else '\000'

/// Reads what stands for one character: escapes and classes.
[<Sealed>]
type internal RegexCharacters(cursor: RegexCursor) =
    let range low high = struct (int low, int high)

    let digits = CodePoints.normal [ range '0' '9' ]

    let words =
        CodePoints.normal [ range '0' '9'; range 'A' 'Z'; range 'a' 'z'; range '_' '_' ]

    /// ECMA-262 §12.2 and §12.3: white space and line terminators.
    let spaces =
        CodePoints.normal [
            struct (9, 13)
            struct (32, 32)
            struct (0xA0, 0xA0)
            struct (0x1680, 0x1680)
            struct (0x2000, 0x200A)
            struct (0x2028, 0x2029)
            struct (0x202F, 0x202F)
            struct (0x205F, 0x205F)
            struct (0x3000, 0x3000)
            struct (0xFEFF, 0xFEFF)
        ]

    let hex count =
        let mutable value = 0

        for _ in 1..count do
            let digit = cursor.Take()

            if digit < 128 && Char.IsAsciiHexDigit(char digit) then
                value <- value * 16 + Convert.ToInt32(string (char digit), 16)
            else
                RegexCursor.Invalid "an escape needs hexadecimal digits"

        value

    let bracedHex () =
        cursor.Skip 1
        let mutable value = 0

        while not (cursor.IsNext('}')) do
            value <- value * 16 + hex 1

            if value > CodePoints.Last then
                RegexCursor.Invalid "there is no such character"

        cursor.Skip 1
        value

    let unicode () =
        if cursor.IsNext('{') then
            bracedHex ()
        else
            let first = hex 4

            if Char.IsHighSurrogate(char first) && cursor.IsText("\\u") then
                cursor.Skip 2
                let second = hex 4

                if Char.IsLowSurrogate(char second) then
                    Char.ConvertToUtf32(char first, char second)
                else
                    RegexCursor.Invalid "half of a surrogate pair"
            elif Char.IsSurrogate(char first) then
                RegexCursor.Invalid "half of a surrogate pair"
            else
                first

    /// After a reverse solidus, in a class or out of one.
    let escape () =
        let letter = cursor.Take()

        match RegexCursor.Ascii letter with
        | 'd' -> digits
        | 'D' -> CodePoints.complement digits
        | 'w' -> words
        | 'W' -> CodePoints.complement words
        | 's' -> spaces
        | 'S' -> CodePoints.complement spaces
        | 'n' -> CodePoints.only 10
        | 'r' -> CodePoints.only 13
        | 't' -> CodePoints.only 9
        | 'f' -> CodePoints.only 12
        | 'v' -> CodePoints.only 11
        | '0' when not (cursor.Peek(0) >= int '0' && cursor.Peek(0) <= int '9') -> CodePoints.only 0
        | 'x' -> CodePoints.only (hex 2)
        | 'u' -> CodePoints.only (unicode ())
        | 'c' when
            cursor.Peek(0) < 128
            && cursor.Peek(0) >= 0
            && Char.IsAsciiLetter(char (cursor.Peek(0)))
            ->
            CodePoints.only (cursor.Take() % 32)
        | 'p'
        | 'P' -> RegexCursor.Unsupported "properties of characters (\\p)"
        | 'b'
        | 'B' -> RegexCursor.Unsupported "word boundaries"
        | 'k' -> RegexCursor.Unsupported "back references"
        | _ when letter < 128 && Char.IsAsciiDigit(char letter) -> RegexCursor.Unsupported "back references"
        | _ when letter < 128 && Char.IsAsciiLetter(char letter) ->
            RegexCursor.Invalid "an escape of a letter that has none"
        | _ -> CodePoints.only letter

    let classAtom () =
        match cursor.Take() with
        | 0x5C when cursor.IsNext('b') ->
            cursor.Skip 1
            CodePoints.only 8
        | 0x5C when cursor.IsNext('-') ->
            cursor.Skip 1
            CodePoints.only (int '-')
        | 0x5C -> escape ()
        | one -> CodePoints.only one

    let single (set: CodePoints) =
        match set with
        | [| struct (low, high) |] when low = high -> low
        | _ -> RegexCursor.Invalid "a range needs characters at its ends"

    let characterClass () =
        let negated = cursor.IsNext('^')

        if negated then
            cursor.Skip 1

        let ranges = ResizeArray<struct (int * int)>()

        while not (cursor.IsNext(']')) do
            let first = classAtom ()

            if cursor.IsNext('-') && cursor.Peek(1) <> int ']' && cursor.Peek(1) >= 0 then
                cursor.Skip 1
                let low, high = single first, single (classAtom ())

                if low > high then
                    RegexCursor.Invalid "a range is the wrong way round"

                ranges.Add(struct (low, high))
            else
                ranges.AddRange first

        cursor.Skip 1
        let set = CodePoints.normal ranges
        if negated then CodePoints.complement set else set

    /// What follows a reverse solidus.
    member _.Escape() = escape ()

    /// A class, of which the bracket has been read.
    member _.Class() = characterClass ()
