/// The inside of a tag, and where a tag ends.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.TagLexer

open System
open System.Text

let skipSpace (s: string) (from: int) =
    let mutable i = from

    while i < s.Length && Text.isSpace s[i] do
        i <- i + 1

    i

let private hexValue (s: string) (from: int) (digits: int) =
    if
        from + digits > s.Length
        || not (Seq.forall Char.IsAsciiHexDigit (s.Substring(from, digits)))
    then
        Fault.raise "a backslash escape is cut short"

    Convert.ToInt32(s.Substring(from, digits), 16)

let private appendCode (into: StringBuilder) (code: int) =
    if code > 0x10FFFF || code < 0 then
        Fault.raise "an escape names no character"
    elif code < 0x10000 then
        into.Append(char code) |> ignore
    else
        into.Append(Char.ConvertFromUtf32 code) |> ignore

/// One escape, from after the backslash; the position after it.
let private escape (s: string) (i: int) (into: StringBuilder) : int =
    let put (c: char) =
        into.Append c |> ignore
        i + 1

    match s[i] with
    | '\n' -> i + 1
    | 'n' -> put '\n'
    | 't' -> put '\t'
    | 'r' -> put '\r'
    | 'a' -> put '\a'
    | 'b' -> put '\b'
    | 'f' -> put '\f'
    | 'v' -> put '\v'
    | '\\'
    | '\''
    | '"' -> put s[i]
    | 'x'
    | 'u'
    | 'U' ->
        let digits =
            if s[i] = 'x' then 2
            elif s[i] = 'u' then 4
            else 8

        appendCode into (hexValue s (i + 1) digits)
        i + 1 + digits
    | c when c >= '0' && c <= '7' ->
        let mutable last = i

        while last < s.Length && last < i + 3 && s[last] >= '0' && s[last] <= '7' do
            last <- last + 1

        appendCode into (Convert.ToInt32(s.Substring(i, last - i), 8))
        last
    | c ->
        into.Append('\\').Append c |> ignore
        i + 1

/// Python's escapes in a string literal.
let private unescape (body: string) : string =
    if not (body.Contains '\\') then
        body
    else
        let result = StringBuilder(body.Length)
        let mutable i = 0

        while i < body.Length do
            if body[i] = '\\' && i + 1 < body.Length then
                i <- escape body (i + 1) result
            else
                result.Append body[i] |> ignore
                i <- i + 1

        result.ToString()

let private text (state: LexerState) =
    let s = state.Source
    let quote = s[state.Position]
    let mutable i = state.Position + 1

    while i < s.Length && s[i] <> quote do
        i <- if s[i] = '\\' then i + 2 else i + 1

    if i >= s.Length then
        Fault.raise "a string has no end"

    state.Add(TokenKind.Text, unescape (s.Substring(state.Position + 1, i - state.Position - 1)))
    state.MoveTo(i + 1)

let private digits (s: string) (from: int) =
    let mutable i = from

    while i < s.Length
          && (Char.IsAsciiDigit s[i]
              || (s[i] = '_' && i > from && i + 1 < s.Length && Char.IsAsciiDigit s[i + 1])) do
        i <- i + 1

    i

let private number (state: LexerState) =
    let s = state.Source
    let start = state.Position
    let isDigit i = i < s.Length && Char.IsAsciiDigit s[i]
    let mutable last = digits s start
    let mutable kind = TokenKind.Integer

    // After a dot this is an index, as in `pairs.0.1`.
    if start = 0 || s[start - 1] <> '.' then
        if last < s.Length && s[last] = '.' && isDigit (last + 1) then
            last <- digits s (last + 1)
            kind <- TokenKind.Float

        if last < s.Length && (s[last] = 'e' || s[last] = 'E') then
            let exponent =
                if last + 1 < s.Length && (s[last + 1] = '+' || s[last + 1] = '-') then
                    last + 2
                else
                    last + 1

            if isDigit exponent then
                last <- digits s exponent
                kind <- TokenKind.Float

    state.Add(kind, s.Substring(start, last - start).Replace("_", ""))
    state.MoveTo last

let private name (state: LexerState) =
    let s = state.Source
    let mutable last = state.Position

    while last < s.Length && (Char.IsLetterOrDigit s[last] || s[last] = '_') do
        last <- last + 1

    state.Add(TokenKind.Name, s.Substring(state.Position, last - state.Position))
    state.MoveTo last

let private twoCharacter = set [ "//"; "**"; "=="; "!="; ">="; "<=" ]

let private operator (state: LexerState) (open': ResizeArray<char>) =
    let s = state.Source
    let c = s[state.Position]
    let two = s.Substring(state.Position, min 2 (s.Length - state.Position))
    let op = if twoCharacter.Contains two then two else c.ToString()

    if op.Length = 1 && not ("+-/*%~[](){}><=.:|,;".Contains c) then
        Fault.raise ("unexpected character '" + op + "'")

    match c with
    | '(' -> open'.Add ')'
    | '[' -> open'.Add ']'
    | '{' -> open'.Add '}'
    | ')'
    | ']'
    | '}' ->
        if open'.Count = 0 || open'[open'.Count - 1] <> c then
            Fault.raise ("unexpected '" + op + "'")

        open'.RemoveAt(open'.Count - 1)
    | _ -> ()

    state.Add(TokenKind.Operator, op)
    state.MoveTo(state.Position + op.Length)

/// Where a tag's end leads to, when the source stands at one: `-%}` eats white space, `%}` one line feed, `+%}` nothing.
let tagEnd (state: LexerState) (close: string) (trimLine: bool) : int voption =
    let s = state.Source
    let after = state.Position + close.Length

    if state.Sees("-" + close) then
        ValueSome(skipSpace s (after + 1))
    elif trimLine && state.Sees("+" + close) then
        ValueSome(after + 1)
    elif not (state.Sees close) then
        ValueNone
    elif trimLine && after < s.Length && s[after] = '\n' then
        ValueSome(after + 1)
    else
        ValueSome after

/// The inside of `{{ }}` or `{% %}`, up to and with its end.
let tag (state: LexerState) (kind: TokenKind) (close: string) =
    let opened = ResizeArray<char>()
    let startLine = state.Line
    let mutable inside = true

    while inside do
        if state.AtEnd then
            state.Line <- startLine
            Fault.raise ("this tag is never closed with '" + close + "'")

        let c = state.Source[state.Position]

        match
            (if opened.Count = 0 then
                 tagEnd state close (close = "%}")
             else
                 ValueNone)
        with
        | ValueSome after ->
            state.Add(kind, close)
            state.MoveTo after
            inside <- false
        | ValueNone when Text.isSpace c -> state.MoveTo(skipSpace state.Source state.Position)
        | ValueNone when c = '"' || c = '\'' -> text state
        | ValueNone when Char.IsAsciiDigit c -> number state
        | ValueNone when Char.IsLetter c || c = '_' -> name state
        | ValueNone -> operator state opened
