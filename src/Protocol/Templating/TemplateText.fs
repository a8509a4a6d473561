/// Text as Python counts it: by code points, with Python's idea of white space.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Text

open System
open System.Collections.Generic
open System.Globalization
open System.Text

let isSpace (c: char) =
    Char.IsWhiteSpace c || (c >= '\u001c' && c <= '\u001f')

let isSpaceText (s: string) = s.Length > 0 && Seq.forall isSpace s

let private trimWith (atStart: bool) (atEnd: bool) (drop: char -> bool) (s: string) =
    let mutable first = 0
    let mutable last = s.Length

    if atStart then
        while first < last && drop s[first] do
            first <- first + 1

    if atEnd then
        while last > first && drop s[last - 1] do
            last <- last - 1

    if first = 0 && last = s.Length then
        s
    else
        s.Substring(first, last - first)

let trim (s: string) = trimWith true true isSpace s
let trimStart (s: string) = trimWith true false isSpace s
let trimEnd (s: string) = trimWith false true isSpace s

let trimChars (atStart: bool) (atEnd: bool) (chars: string) (s: string) =
    trimWith atStart atEnd (fun c -> chars.Contains c) s

let private hasPairs (s: string) =
    s.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0

/// One string per code point.
let codePoints (s: string) : string[] =
    let parts = ResizeArray<string>(s.Length)
    let mutable i = 0

    while i < s.Length do
        let size =
            if Char.IsHighSurrogate s[i] && i + 1 < s.Length && Char.IsLowSurrogate s[i + 1] then
                2
            else
                1

        parts.Add(s.Substring(i, size))
        i <- i + size

    parts.ToArray()

let length (s: string) =
    if hasPairs s then (codePoints s).Length else s.Length

/// The code point index of a UTF-16 index; -1 stays -1.
let pointIndex (s: string) (index: int) =
    if index <= 0 then index else length (s.Substring(0, index))

let tryItem (s: string) (index: int64) : string voption =
    let size = length s
    let at = if index < 0L then index + int64 size else index

    if at < 0L || at >= int64 size then ValueNone
    elif size = s.Length then ValueSome(s[int at].ToString())
    else ValueSome((codePoints s)[int at])

/// Which positions a slice takes: first, step and count, by Python's rules.
let sliceRange (size: int) (first: int64 voption) (last: int64 voption) (step: int64) : struct (int64 * int64) =
    let size = int64 size

    let clamp low high (n: int64) =
        let n = if n < 0L then n + size else n
        min high (max low n)

    if step > 0L then
        let low = clamp 0L size (ValueOption.defaultValue 0L first)
        let high = clamp 0L size (ValueOption.defaultValue size last)
        struct (low, (if high <= low then 0L else (high - low - 1L) / step + 1L))
    else
        let bound fallback value =
            match value with
            | ValueSome n -> clamp -1L (size - 1L) n
            | ValueNone -> fallback

        let high = bound (size - 1L) first
        let low = bound -1L last
        // Not negated first: the least integer has no opposite.
        struct (high, (if high <= low then 0L else (low - high + 1L) / step + 1L))

let slice (s: string) (first: int64 voption) (last: int64 voption) (step: int64) : string =
    let points = if hasPairs s then codePoints s else Array.empty
    let size = if points.Length > 0 then points.Length else s.Length
    let struct (start, count) = sliceRange size first last step

    if count = 0L then
        ""
    elif points.Length = 0 && step = 1L then
        s.Substring(int start, int count)
    else
        let result = StringBuilder(int count)

        for i in 0L .. count - 1L do
            let at = int (start + i * step)

            if points.Length > 0 then
                result.Append points[at] |> ignore
            else
                result.Append s[at] |> ignore

        result.ToString()

/// The shortest text that reads back as the same number, in Python's layout: 1.0, 1e+16, 1.5e-05.
let ofFloat (value: double) : string =
    if Double.IsNaN value then
        "nan"
    elif Double.IsInfinity value then
        (if value > 0.0 then "inf" else "-inf")
    else
        // E+16 has 17 digits, too many; "R" is shortest but chooses its own layout, so digits and exponent are read from it.
        let shortest = value.ToString("R", CultureInfo.InvariantCulture).ToUpperInvariant()
        let sign = if shortest.StartsWith '-' then "-" else ""
        let body = shortest.TrimStart '-'
        let e = body.IndexOf 'E'
        let mantissa = if e < 0 then body else body.Substring(0, e)

        let power =
            if e < 0 then
                0
            else
                Int32.Parse(body.Substring(e + 1), CultureInfo.InvariantCulture)

        let dot = mantissa.IndexOf '.'
        let whole = if dot < 0 then mantissa.Length else dot
        let all = mantissa.Replace(".", "")
        let digits = all.TrimStart '0'
        // The number is 0.DIGITS times ten to this.
        let point = whole + power - (all.Length - digits.Length)
        let digits = digits.TrimEnd '0'

        if digits.Length = 0 then
            sign + "0.0"
        elif point > 16 || point <= -4 then
            let tail = if digits.Length > 1 then "." + digits.Substring 1 else ""
            let exponent = point - 1
            let mark = if exponent < 0 then "e-" else "e+"
            String.Concat(sign + digits.Substring(0, 1), tail, mark, (abs exponent).ToString "00")
        elif point <= 0 then
            String.Concat(sign, "0.", String('0', -point), digits)
        elif point >= digits.Length then
            String.Concat(sign, digits.PadRight(point, '0'), ".0")
        else
            String.Concat(sign + digits.Substring(0, point), ".", digits.Substring point)

let private isPrintable (rune: Rune) =
    rune.Value = 0x20
    || match Rune.GetUnicodeCategory rune with
       | UnicodeCategory.Control
       | UnicodeCategory.Format
       | UnicodeCategory.Surrogate
       | UnicodeCategory.PrivateUse
       | UnicodeCategory.OtherNotAssigned
       | UnicodeCategory.LineSeparator
       | UnicodeCategory.ParagraphSeparator
       | UnicodeCategory.SpaceSeparator -> false
       | _ -> true

let private appendEscaped (into: StringBuilder) (code: int) =
    if code < 0x100 then
        into.Append("\\x").Append(code.ToString "x2") |> ignore
    elif code < 0x10000 then
        into.Append("\\u").Append(code.ToString "x4") |> ignore
    else
        into.Append("\\U").Append(code.ToString "x8") |> ignore

/// Python's repr of a string.
let appendQuoted (into: StringBuilder) (s: string) =
    let quote =
        if s.Contains '\'' && not (s.Contains '"') then
            '"'
        else
            '\''

    into.Append quote |> ignore

    for rune in s.EnumerateRunes() do
        match rune.Value with
        | 0x0A -> into.Append "\\n" |> ignore
        | 0x0D -> into.Append "\\r" |> ignore
        | 0x09 -> into.Append "\\t" |> ignore
        | 0x5C -> into.Append "\\\\" |> ignore
        | code when code = int quote -> into.Append('\\').Append(quote) |> ignore
        | code when isPrintable rune -> into.Append(Char.ConvertFromUtf32 code) |> ignore
        | code -> appendEscaped into code

    into.Append quote |> ignore

let quoted (s: string) =
    let text = StringBuilder(s.Length + 2)
    appendQuoted text s
    text.ToString()

/// The part of a text between two code units, after Python's line ends.
let splitLines (keepEnds: bool) (s: string) : string[] =
    let isEnd c =
        match c with
        | '\n'
        | '\r'
        | '\u000b'
        | '\u000c'
        | '\u001c'
        | '\u001d'
        | '\u001e'
        | '\u0085'
        | '\u2028'
        | '\u2029' -> true
        | _ -> false

    let lines = List<string>()
    let mutable start = 0
    let mutable i = 0

    while i < s.Length do
        if isEnd s[i] then
            let next =
                if s[i] = '\r' && i + 1 < s.Length && s[i + 1] = '\n' then
                    i + 2
                else
                    i + 1

            lines.Add(s.Substring(start, (if keepEnds then next else i) - start))
            start <- next
            i <- next
        else
            i <- i + 1

    if start < s.Length then
        lines.Add(s.Substring start)

    lines.ToArray()

let capitalize (s: string) =
    if s.Length = 0 then
        s
    else
        s.Substring(0, 1).ToUpperInvariant() + s.Substring(1).ToLowerInvariant()
