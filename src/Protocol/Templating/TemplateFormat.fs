/// Python's two ways to fill a text: `'%s: %d' % (a, b)` and `'{}: {name}'.format(a, name=b)`.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Format

open System
open System.Globalization
open System.Text

/// Wide enough for any table in a prompt.
let private maxWidth = 1000

let private fixedPoint (digits: int) (value: double) =
    if Double.IsFinite value then
        value.ToString("F" + string digits, CultureInfo.InvariantCulture)
    else
        Text.ofFloat value

let private scientific (digits: int) (value: double) =
    value.ToString(
        (if digits = 0 then
             "0e+00"
         else
             "0." + String('0', digits) + "e+00"),
        CultureInfo.InvariantCulture
    )

let private wholeNumber (value: Value) : int64 =
    match value, Value.asInt value with
    | _, ValueSome n -> n
    | Value.Float f, _ when Double.IsFinite f && abs f < 9.2e18 -> int64 (Math.Truncate f)
    | Value.Undefined why, _ -> Fault.raise why
    | _ -> Fault.raise ("a number is needed to fill the format, not " + Value.typeName value)

let private realNumber (value: Value) : double =
    match Value.asFloat value, value with
    | ValueSome f, _ -> f
    | _, Value.Undefined why -> Fault.raise why
    | _ -> Fault.raise ("a number is needed to fill the format, not " + Value.typeName value)

let private hex (n: int64) =
    if n < 0L then
        "-" + (-n).ToString("x", CultureInfo.InvariantCulture)
    else
        n.ToString("x", CultureInfo.InvariantCulture)

let private cut (precision: int voption) (text: string) =
    match precision with
    | ValueSome n when n < Text.length text -> Text.slice text ValueNone (ValueSome(int64 n)) 1L
    | _ -> text

let private convert (work: Work) (kind: char) (precision: int voption) (value: Value) : string =
    let digits = ValueOption.defaultValue 6 precision

    match kind with
    | 's' -> cut precision (Print.text work value)
    | 'r'
    | 'a' -> cut precision (Print.quoted work value)
    | 'd'
    | 'i'
    | 'u' -> (wholeNumber value).ToString CultureInfo.InvariantCulture
    | 'f'
    | 'F' -> fixedPoint digits (realNumber value)
    | 'e' -> scientific digits (realNumber value)
    | 'x' -> hex (wholeNumber value)
    | 'X' -> (hex (wholeNumber value)).ToUpperInvariant()
    | 'c' ->
        match value with
        | Value.Str s -> s
        | other -> Char.ConvertFromUtf32(int (max 0L (min 0xD7FFL (wholeNumber other))))
    | other -> Fault.raise ("unsupported format character '" + string other + "'")

let private pad (flags: string) (width: int) (kind: char) (text: string) =
    let numeric = kind <> 's' && kind <> 'r' && kind <> 'c'

    let text =
        if numeric && not (text.StartsWith '-') && flags.Contains '+' then
            "+" + text
        elif numeric && not (text.StartsWith '-') && flags.Contains ' ' then
            " " + text
        else
            text

    let missing = width - Text.length text

    if missing <= 0 then
        text
    elif flags.Contains '-' then
        text + String(' ', missing)
    elif numeric && flags.Contains '0' then
        let sign =
            if text.Length > 0 && (text[0] = '-' || text[0] = '+') then
                1
            else
                0

        text.Insert(sign, String('0', missing))
    else
        String(' ', missing) + text

/// Reads digits from a position: the number (or none) and where it ends.
let private number (s: string) (start: int) : struct (int voption * int) =
    let mutable i = start
    let mutable n = 0

    while i < s.Length && Char.IsAsciiDigit s[i] do
        n <- min maxWidth (n * 10 + int s[i] - int '0')
        i <- i + 1

    struct ((if i > start then ValueSome n else ValueNone), i)

/// One `%` conversion, read from after the sign.
[<NoComparison; NoEquality>]
type private Conversion = {
    Key: string voption
    Flags: string
    Width: int
    Precision: int voption
    Kind: char
    End: int
}

let private readConversion (s: string) (start: int) : Conversion =
    let mutable i = start
    let mutable key = ValueNone

    if i < s.Length && s[i] = '(' then
        let close = s.IndexOf(')', i)

        if close > 0 then
            key <- ValueSome(s.Substring(i + 1, close - i - 1))
            i <- close + 1

    let flags = i

    while i < s.Length && "-+ 0#".Contains s[i] do
        i <- i + 1

    let flags = s.Substring(flags, i - flags)
    let struct (width, afterWidth) = number s i

    let struct (precision, last) =
        if afterWidth < s.Length && s[afterWidth] = '.' then
            let struct (digits, next) = number s (afterWidth + 1)
            struct (ValueSome(min 99 (ValueOption.defaultValue 0 digits)), next)
        else
            struct (ValueNone, afterWidth)

    if last >= s.Length then
        Fault.raise "incomplete format"

    {
        Key = key
        Flags = flags
        Width = ValueOption.defaultValue 0 width
        Precision = precision
        Kind = s[last]
        End = last + 1
    }

let percent (work: Work) (format: string) (value: Value) : Value =
    let given =
        match value with
        | Value.Tuple items -> items
        | other -> [| other |]

    let result = StringBuilder()
    let mutable used = 0
    let mutable i = 0

    let next (conversion: Conversion) =
        match conversion.Key, value with
        | ValueSome key, Value.Dict _ -> Operators.item work value (Value.Str key)
        | _ when used < given.Length ->
            used <- used + 1
            given[used - 1]
        | _ -> Fault.raise "not enough arguments for format string"

    while i < format.Length do
        if format[i] <> '%' then
            result.Append format[i] |> ignore
            i <- i + 1
        else
            let conversion = readConversion format (i + 1)
            i <- conversion.End

            if conversion.Kind = '%' then
                result.Append '%' |> ignore
            else
                let text = convert work conversion.Kind conversion.Precision (next conversion)
                work.Charge(text.Length + conversion.Width)

                result.Append(pad conversion.Flags conversion.Width conversion.Kind text)
                |> ignore

    match value with
    // Whatever answers to a key may go unused, in Python as well.
    | Value.Dict _
    | Value.List _
    | Value.Undefined _ -> ()
    | _ when used < given.Length -> Fault.raise "not all arguments converted during string formatting"
    | _ -> ()

    Value.Str(result.ToString())

let private field (work: Work) (args: CallArgs) (auto: int) (name: string) : Value =
    let place =
        if name = "" then
            ValueSome auto
        else
            match Int32.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, n -> ValueSome n
            | _ -> ValueNone

    match place with
    | ValueSome n when n < args.Positional.Length -> args.Positional[n]
    | ValueSome _ -> Fault.raise "format() has fewer arguments than places"
    | ValueNone ->
        let path = name.Split '.'

        match Args.tryNamed args path[0] with
        | ValueSome value -> Array.fold (fun value key -> Operators.item work value (Value.Str key)) value path[1..]
        | ValueNone -> Fault.raise ("format() is missing the argument '" + name + "'")

/// `str.format` with plain places; a format specification after a colon may be `.2f`, `05d` and the like.
let braces (work: Work) (format: string) (args: CallArgs) : Value =
    let result = StringBuilder()
    let mutable auto = 0
    let mutable i = 0

    let place (inner: string) =
        let colon = inner.IndexOf ':'
        let name = if colon < 0 then inner else inner.Substring(0, colon)
        let value = field work args auto name

        if name = "" then
            auto <- auto + 1

        if colon < 0 || colon = inner.Length - 1 then
            Print.text work value
        else
            let spec = inner.Substring(colon + 1)

            let spec =
                if Char.IsAsciiDigit spec[spec.Length - 1] then
                    spec + "s"
                else
                    spec

            let conversion = readConversion spec 0

            pad
                conversion.Flags
                conversion.Width
                conversion.Kind
                (convert work conversion.Kind conversion.Precision value)

    while i < format.Length do
        let c = format[i]

        if (c = '{' || c = '}') && i + 1 < format.Length && format[i + 1] = c then
            result.Append c |> ignore
            i <- i + 2
        elif c = '{' then
            let close = format.IndexOf('}', i)

            if close < 0 then
                Fault.raise "expected '}' before end of string"

            let text = place (format.Substring(i + 1, close - i - 1))
            work.Charge text.Length
            result.Append text |> ignore
            i <- close + 1
        elif c = '}' then
            Fault.raise "single '}' encountered in format string"
        else
            result.Append c |> ignore
            i <- i + 1

    Value.Str(result.ToString())
