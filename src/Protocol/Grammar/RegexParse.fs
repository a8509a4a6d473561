namespace StreamCore.Protocol.Grammar

open System
open System.Globalization
open System.Text

/// Reads ECMAScript's regular expressions (ECMA-262 §22.2.1) by code points, without what looks around or back:
/// assertions but `^` and `$`, back references, and properties of characters (`\p`).
[<Sealed>]
type internal RegexReader(pattern: string) =
    let points = [| for rune in pattern.EnumerateRunes() -> rune.Value |]
    let mutable at = 0

    let unsupported what =
        GrammarFault.Stop(String.concat "" [ "the pattern uses "; what; ", which is not supported" ])

    let invalid what =
        GrammarFault.Stop(String.concat "" [ "the pattern is not a regular expression: "; what ])

    let ended () = at >= points.Length

    let peek (ahead: int) =
        if at + ahead < points.Length then
            points[at + ahead]
        else
            -1

    let isNext (value: char) = peek 0 = int value

    let isText (text: string) =
        text |> Seq.indexed |> Seq.forall (fun (index, one) -> peek index = int one)

    let take () =
        if ended () then
            invalid "it ends too early"

        at <- at + 1
        points[at - 1]

    /// The character, or NUL for one beyond ASCII: nothing beyond ASCII has a meaning of its own.
    let ascii value =
        if value >= 0 && value < 128 then char value else '\000'

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

    let lineEnds =
        CodePoints.normal [ struct (10, 10); struct (13, 13); struct (0x2028, 0x2029) ]

    let hex count =
        let mutable value = 0

        for _ in 1..count do
            let digit = take ()

            if digit < 128 && Char.IsAsciiHexDigit(char digit) then
                value <- value * 16 + Convert.ToInt32(string (char digit), 16)
            else
                invalid "an escape needs hexadecimal digits"

        value

    let bracedHex () =
        at <- at + 1
        let mutable value = 0

        while not (isNext '}') do
            value <- value * 16 + hex 1

            if value > CodePoints.Last then
                invalid "there is no such character"

        at <- at + 1
        value

    let unicode () =
        if isNext '{' then
            bracedHex ()
        else
            let first = hex 4

            if Char.IsHighSurrogate(char first) && isText "\\u" then
                at <- at + 2
                let second = hex 4

                if Char.IsLowSurrogate(char second) then
                    Char.ConvertToUtf32(char first, char second)
                else
                    invalid "half of a surrogate pair"
            elif Char.IsSurrogate(char first) then
                invalid "half of a surrogate pair"
            else
                first

    /// After a reverse solidus, in a class or out of one.
    let escape () =
        let letter = take ()

        match ascii letter with
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
        | '0' when not (peek 0 >= int '0' && peek 0 <= int '9') -> CodePoints.only 0
        | 'x' -> CodePoints.only (hex 2)
        | 'u' -> CodePoints.only (unicode ())
        | 'c' when peek 0 < 128 && peek 0 >= 0 && Char.IsAsciiLetter(char (peek 0)) -> CodePoints.only (take () % 32)
        | 'p'
        | 'P' -> unsupported "properties of characters (\\p)"
        | 'b'
        | 'B' -> unsupported "word boundaries"
        | 'k' -> unsupported "back references"
        | _ when letter < 128 && Char.IsAsciiDigit(char letter) -> unsupported "back references"
        | _ when letter < 128 && Char.IsAsciiLetter(char letter) -> invalid "an escape of a letter that has none"
        | _ -> CodePoints.only letter

    let classAtom () =
        match take () with
        | 0x5C when isNext 'b' ->
            at <- at + 1
            CodePoints.only 8
        | 0x5C when isNext '-' ->
            at <- at + 1
            CodePoints.only (int '-')
        | 0x5C -> escape ()
        | one -> CodePoints.only one

    let single (set: CodePoints) =
        match set with
        | [| struct (low, high) |] when low = high -> low
        | _ -> invalid "a range needs characters at its ends"

    let characterClass () =
        let negated = isNext '^'

        if negated then
            at <- at + 1

        let ranges = ResizeArray<struct (int * int)>()

        while not (isNext ']') do
            let first = classAtom ()

            if isNext '-' && peek 1 <> int ']' && peek 1 >= 0 then
                at <- at + 1
                let low, high = single first, single (classAtom ())

                if low > high then
                    invalid "a range is the wrong way round"

                ranges.Add(struct (low, high))
            else
                ranges.AddRange first

        at <- at + 1
        let set = CodePoints.normal ranges
        if negated then CodePoints.complement set else set

    /// `{2}`, `{2,}`, `{2,5}`; nothing is taken when it is something else.
    let tryBounds () =
        let from = at
        at <- at + 1

        let number () =
            let start = at

            while peek 0 >= int '0' && peek 0 <= int '9' do
                at <- at + 1

            let text =
                String.init (at - start) (fun index -> string (char points[start + index]))

            let mutable value = 0

            if Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, &value) then
                ValueSome value
            elif text = "" then
                ValueNone
            else
                invalid "a repetition of so many"

        let minimum = number ()
        let isRange = isNext ','

        if isRange then
            at <- at + 1

        let maximum = if isRange then number () else minimum

        if minimum.IsSome && isNext '}' then
            at <- at + 1
            ValueSome(struct (minimum.Value, ValueOption.defaultValue -1 maximum))
        else
            at <- from
            ValueNone

    let quantifier () =
        let counted minimum maximum =
            at <- at + 1
            ValueSome(struct (minimum, maximum))

        match ascii (peek 0) with
        | '*' -> counted 0 -1
        | '+' -> counted 1 -1
        | '?' -> counted 0 1
        | '{' -> tryBounds ()
        | _ -> ValueNone

    let repeated item =
        match quantifier () with
        | ValueNone -> item
        | ValueSome(struct (minimum, maximum)) ->
            if maximum >= 0 && minimum > maximum then
                invalid "a repetition has its bounds the wrong way round"

            if isNext '?' then
                at <- at + 1

            let another = quantifier ()

            if another.IsSome then
                invalid "nothing to repeat"

            Regex.Repeat(item, minimum, maximum)

    let groupHead () =
        if isText "?:" then
            at <- at + 2
        elif isText "?=" || isText "?!" || isText "?<=" || isText "?<!" then
            unsupported "look-around"
        elif isText "?<" then
            while take () <> int '>' do
                ()
        elif isNext '?' then
            unsupported "modifiers of a group"

    let rec choice depth =
        if depth > 100 then
            invalid "it is nested too deeply"

        let branches = ResizeArray [ sequence depth ]

        while isNext '|' do
            at <- at + 1
            branches.Add(sequence depth)

        if branches.Count = 1 then
            branches[0]
        else
            Regex.Choice(branches.ToArray())

    and sequence depth =
        let items = ResizeArray<Regex>()

        while not (ended () || isNext '|' || isNext ')') do
            items.Add(term depth)

        if items.Count = 1 then
            items[0]
        else
            Regex.Sequence(items.ToArray())

    and term depth =
        match ascii (take ()) with
        | '^' -> Regex.Start
        | '$' -> Regex.End
        | '(' ->
            groupHead ()
            let inner = choice (depth + 1)

            if take () <> int ')' then
                invalid "a group is not closed"

            repeated inner
        | '[' -> repeated (Regex.Character(characterClass ()))
        | '.' -> repeated (Regex.Character(CodePoints.complement lineEnds))
        | '\\' -> repeated (Regex.Character(escape ()))
        | '*'
        | '+'
        | '?' -> invalid "nothing to repeat"
        | _ -> repeated (Regex.Character(CodePoints.only points[at - 1]))

    member _.Read() =
        let it = choice 0

        if not (ended ()) then
            invalid "a ')' too many"

        it

[<RequireQualifiedAccess>]
module internal RegexParse =
    let read (pattern: string) = RegexReader(pattern).Read()
