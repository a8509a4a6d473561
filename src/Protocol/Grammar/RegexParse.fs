namespace StreamCore.Protocol.Grammar

open System
open System.Globalization
open System.Text

/// Reads ECMAScript's regular expressions (ECMA-262 §22.2.1) by code points, without what looks around or back:
/// assertions but `^` and `$`, back references, and properties of characters (`\p`).
[<Sealed>]
type internal RegexReader(pattern: string) =
    let cursor = RegexCursor pattern
    let characters = RegexCharacters cursor

    let lineEnds =
        CodePoints.normal [ struct (10, 10); struct (13, 13); struct (0x2028, 0x2029) ]

    /// `{2}`, `{2,}`, `{2,5}`; nothing is taken when it is something else.
    let tryBounds () =
        let from = cursor.At
        cursor.Skip 1

        let number () =
            let digits = StringBuilder()

            while cursor.Peek 0 >= int '0' && cursor.Peek 0 <= int '9' do
                digits.Append(char (cursor.Take())) |> ignore

            let text = digits.ToString()
            let mutable value = 0

            if Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, &value) then
                ValueSome value
            elif text = "" then
                ValueNone
            else
                RegexCursor.Invalid "a repetition of so many"

        let minimum = number ()
        let isRange = cursor.IsNext(',')

        if isRange then
            cursor.Skip 1

        let maximum = if isRange then number () else minimum

        if minimum.IsSome && cursor.IsNext('}') then
            cursor.Skip 1
            ValueSome(struct (minimum.Value, ValueOption.defaultValue -1 maximum))
        else
            cursor.At <- from
            ValueNone

    let quantifier () =
        let counted minimum maximum =
            cursor.Skip 1
            ValueSome(struct (minimum, maximum))

        match RegexCursor.Ascii(cursor.Peek 0) with
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
                RegexCursor.Invalid "a repetition has its bounds the wrong way round"

            if cursor.IsNext('?') then
                cursor.Skip 1

            let another = quantifier ()

            if another.IsSome then
                RegexCursor.Invalid "nothing to repeat"

            Regex.Repeat(item, minimum, maximum)

    let groupHead () =
        if cursor.IsText("?:") then
            cursor.Skip 2
        elif
            cursor.IsText("?=")
            || cursor.IsText("?!")
            || cursor.IsText("?<=")
            || cursor.IsText("?<!")
        then
            RegexCursor.Unsupported "look-around"
        elif cursor.IsText("?<") then
            while cursor.Take() <> int '>' do
                ()
        elif cursor.IsNext('?') then
            RegexCursor.Unsupported "modifiers of a group"

    let rec choice depth =
        if depth > 100 then
            RegexCursor.Invalid "it is nested too deeply"

        let branches = ResizeArray [ sequence depth ]

        while cursor.IsNext('|') do
            cursor.Skip 1
            branches.Add(sequence depth)

        if branches.Count = 1 then
            branches[0]
        else
            Regex.Choice(branches.ToArray())

    and sequence depth =
        let items = ResizeArray<Regex>()

        while not (cursor.HasEnded || cursor.IsNext('|') || cursor.IsNext(')')) do
            items.Add(term depth)

        if items.Count = 1 then
            items[0]
        else
            Regex.Sequence(items.ToArray())

    and term depth =
        let point = cursor.Take()

        match RegexCursor.Ascii point with
        | '^' -> Regex.Start
        | '$' -> Regex.End
        | '(' ->
            groupHead ()
            let inner = choice (depth + 1)

            if cursor.Take() <> int ')' then
                RegexCursor.Invalid "a group is not closed"

            repeated inner
        | '[' -> repeated (Regex.Character(characters.Class()))
        | '.' -> repeated (Regex.Character(CodePoints.complement lineEnds))
        | '\\' -> repeated (Regex.Character(characters.Escape()))
        | '*'
        | '+'
        | '?' -> RegexCursor.Invalid "nothing to repeat"
        | _ -> repeated (Regex.Character(CodePoints.only point))

    member _.Read() =
        let it = choice 0

        if not (cursor.HasEnded) then
            RegexCursor.Invalid "a ')' too many"

        it

[<RequireQualifiedAccess>]
module internal RegexParse =
    let read (pattern: string) = RegexReader(pattern).Read()
