/// Source to tokens, with `trim_blocks` and `lstrip_blocks` on and the last line feed dropped, as transformers sets Jinja2 up.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Lexer

open System

let private normalize (source: string) =
    let lines = source.Replace("\r\n", "\n").Replace('\r', '\n')

    if lines.EndsWith '\n' then
        lines.Substring(0, lines.Length - 1)
    else
        lines

/// The text before a tag, cut as the tag's sign and `lstrip_blocks` say.
let private before (state: LexerState) (text: string) (sign: char) (stripsLine: bool) : string =
    if sign = '-' then
        Text.trimEnd text
    elif sign = '+' || not stripsLine then
        text
    else
        let line = text.LastIndexOf '\n' + 1

        if (line > 0 || state.LineStarting) && Text.isSpaceText (text.Substring line) then
            text.Substring(0, line)
        else
            text

let private signAt (s: string) (i: int) =
    if i < s.Length && (s[i] = '-' || s[i] = '+') then
        s[i]
    else
        ' '

let private comment (state: LexerState) =
    let s = state.Source
    let close = s.IndexOf("#}", state.Position, StringComparison.Ordinal)

    if close < 0 then
        Fault.raise "a comment has no end"

    let signed = close > state.Position && signAt s (close - 1) <> ' '
    state.MoveTo(if signed then close - 1 else close)
    state.MoveTo(ValueOption.defaultValue (close + 2) (TagLexer.tagEnd state "#}" true))

/// Where a tag holding only this word ends, when the source has one at this place.
let private wordTag (s: string) (start: int) (word: string) : int voption =
    let sign = if signAt s (start + 2) = ' ' then 0 else 1
    let at = TagLexer.skipSpace s (start + 2 + sign)

    if String.CompareOrdinal(s, at, word, 0, word.Length) = 0 then
        ValueSome(TagLexer.skipSpace s (at + word.Length))
    else
        ValueNone

let private raw (state: LexerState) (inside: int) =
    let s = state.Source

    let rec find (from: int) =
        match s.IndexOf("{%", from, StringComparison.Ordinal) with
        | -1 -> Fault.raise "a raw block has no end"
        | at ->
            match wordTag s at "endraw" with
            | ValueSome last -> struct (at, last)
            | ValueNone -> find (at + 2)

    // No line feed is trimmed after {% raw %}.
    state.MoveTo inside

    state.MoveTo(
        ValueOption.defaultWith
            (fun () -> Fault.raise "unexpected text in a raw tag")
            (TagLexer.tagEnd state "%}" false)
    )

    let struct (at, last) = find state.Position
    let body = s.Substring(state.Position, at - state.Position)
    state.Add(TokenKind.Data, before state body (signAt s (at + 2)) true)
    state.MoveTo last

    state.MoveTo(
        ValueOption.defaultWith (fun () -> Fault.raise "unexpected text in a raw tag") (TagLexer.tagEnd state "%}" true)
    )

let private nextTag (s: string) (from: int) : int =
    let rec look (i: int) =
        match s.IndexOf('{', i) with
        | -1 -> -1
        | at when at + 1 < s.Length && (s[at + 1] = '%' || s[at + 1] = '{' || s[at + 1] = '#') -> at
        | at -> look (at + 1)

    look from

let private isRaw (s: string) (at: int) =
    match wordTag s at "raw" with
    | ValueSome last ->
        String.CompareOrdinal(s, last, "%}", 0, 2) = 0
        || String.CompareOrdinal(s, last, "-%}", 0, 3) = 0
    | ValueNone -> false

let private enter (state: LexerState) (at: int) =
    let s = state.Source
    let sign = signAt s (at + 2)
    let kind = s[at + 1]
    let text = s.Substring(state.Position, at - state.Position)
    state.Add(TokenKind.Data, before state text sign (kind <> '{'))
    state.MoveTo at

    if kind = '%' && isRaw s at then
        raw state (ValueOption.get (wordTag s at "raw"))
    else
        let inside = if sign = ' ' then at + 2 else at + 3

        match kind with
        | '#' ->
            state.MoveTo inside
            comment state
        | '{' ->
            state.Add(TokenKind.PrintBegin, "{{")
            state.MoveTo inside
            TagLexer.tag state TokenKind.PrintEnd "}}"
        | _ ->
            state.Add(TokenKind.BlockBegin, "{%")
            state.MoveTo inside
            TagLexer.tag state TokenKind.BlockEnd "%}"

/// Fills the state's tokens. On a fault, its line is where.
let run (state: LexerState) : unit =
    while not state.AtEnd do
        match nextTag state.Source state.Position with
        | -1 ->
            state.Add(TokenKind.Data, state.Source.Substring state.Position)
            state.MoveTo state.Source.Length
        | at -> enter state at

    state.Add(TokenKind.End, "end of template")

let start (source: string) = LexerState(normalize source)
