/// Filters whose subject is a text or a number.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.TextFilters

open System
open System.Globalization
open System.Text

type Filter = Work -> Value -> CallArgs -> Value

/// A filter from text to text, without arguments. Other values are printed first.
let private onText (name: string) (change: string -> string) : Filter voption =
    ValueSome(fun work value args ->
        Args.bind name Array.empty args |> ignore
        let text = Print.text work value
        work.Charge text.Length
        Value.Str(change text))

let private trim: Filter =
    fun work value args ->
        let text = Print.text work value
        work.Charge text.Length

        match (Args.bind "trim" [| "chars" |] args).Text 0 with
        | ValueSome chars -> Value.Str(Text.trimChars true true chars text)
        | ValueNone -> Value.Str(Text.trim text)

let private replace: Filter =
    fun work value args ->
        let bound = Args.bind "replace" [| "old"; "new"; "count" |] args
        let old = Print.text work (bound.Need 0)
        let fresh = Print.text work (bound.Need 1)
        Value.Str(Split.replace work (Print.text work value) old fresh (bound.Int(2, -1L)))

let private indent: Filter =
    fun work value args ->
        let bound = Args.bind "indent" [| "width"; "first"; "blank" |] args

        let margin =
            match bound.Or(0, Value.Int 4L) with
            | Value.Str margin -> margin
            | _ -> String(' ', int (max 0L (min 1000L (bound.Int(0, 4L)))))

        let text =
            match value with
            | Value.Str s -> s + "\n"
            | Value.Undefined why -> Fault.raise why
            | other -> Fault.raise ("indent needs text, not " + Value.typeName other)

        let lines = Text.splitLines false text
        work.Charge(int64 text.Length + int64 lines.Length * int64 margin.Length)

        let indented =
            lines
            |> Array.mapi (fun i line ->
                if i > 0 && (line.Length > 0 || bound.Flag(2, false)) then
                    margin + line
                else
                    line)

        Value.Str((if bound.Flag(1, false) then margin else "") + String.Join("\n", indented))

let private title (text: string) : string =
    let mutable inWord = false

    String.map
        (fun c ->
            let mapped =
                if inWord then
                    Char.ToLowerInvariant c
                else
                    Char.ToUpperInvariant c

            inWord <- not (Text.isSpace c || "-({[<".Contains c)
            mapped)
        text

let private truncate: Filter =
    fun work value args ->
        let bound = Args.bind "truncate" [| "length"; "killwords"; "end"; "leeway" |] args
        let ending = ValueOption.defaultValue "..." (bound.Text 2)
        let length = bound.Int(0, 255L)
        let keep = length - int64 (Text.length ending)

        if keep < 0L then
            Fault.raise "truncate: the length is shorter than the ending"

        match value with
        | _ when int64 (Operators.length value) <= length + bound.Int(3, 5L) -> value
        | Value.Str text ->
            work.Charge text.Length
            let head = Text.slice text ValueNone (ValueSome keep) 1L
            let space = if bound.Flag(1, false) then -1 else head.LastIndexOf ' '
            Value.Str((if space < 0 then head else head.Substring(0, space)) + ending)
        | other -> Fault.raise ("truncate needs text, not " + Value.typeName other)

let private escape (text: string) : string =
    text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("'", "&#39;").Replace("\"", "&#34;")

let private countWords: Filter =
    fun work value _ ->
        let text = Print.text work value
        let isWord c = Char.IsLetterOrDigit c || c = '_'
        work.Charge text.Length

        Seq.append (Seq.singleton ' ') text
        |> Seq.pairwise
        |> Seq.filter (fun (before, c) -> isWord c && not (isWord before))
        |> Seq.length
        |> Value.ofInt

let private quoteUrl (keepSlash: bool) (text: string) : string =
    let quoted = Uri.EscapeDataString text

    if keepSlash then
        quoted.Replace("%2F", "/")
    else
        quoted.Replace("%20", "+")

let private urlEncode: Filter =
    fun work value _ ->
        let pair (item: Value) =
            match Operators.iterate work item with
            | [| key; value |] ->
                quoteUrl false (Print.text work key)
                + "="
                + quoteUrl false (Print.text work value)
            | _ -> Fault.raise "urlencode needs text, a dictionary or pairs"

        match value with
        | Value.Dict dict -> Value.Str(String.Join("&", dict.Items |> Array.map (Value.pair >> pair)))
        | Value.List _
        | Value.Tuple _
        | Value.Iterator _ -> Value.Str(String.Join("&", Operators.iterate work value |> Array.map pair))
        | other ->
            let text = Print.text work other
            work.Charge(3 * text.Length)
            Value.Str(quoteUrl true text)

let private parseFloat (text: string) : double voption =
    let clean = (Text.trim text).Replace("_", "")

    match clean.ToLowerInvariant().TrimStart('+', '-') with
    | "inf"
    | "infinity" ->
        ValueSome(
            if clean.StartsWith '-' then
                Double.NegativeInfinity
            else
                Double.PositiveInfinity
        )
    | "nan" -> ValueSome nan
    | _ ->
        match Double.TryParse(clean, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, f -> ValueSome f
        | _ -> ValueNone

let private toFloat: Filter =
    fun _ value args ->
        let fallback = (Args.bind "float" [| "default" |] args).Or(0, Value.Float 0.0)

        match value, Value.asFloat value with
        | _, ValueSome f -> Value.Float f
        | Value.Str s, _ ->
            match parseFloat s with
            | ValueSome f -> Value.Float f
            | ValueNone -> fallback
        | Value.Undefined why, _ -> Fault.raise why
        | _ -> fallback

let private truncated (fallback: Value) (f: double) : Value =
    if Double.IsNaN f then fallback
    elif abs f < 9.2e18 then Value.Int(int64 (Math.Truncate f))
    else Fault.raise "the number is too large for an integer"

let private digit (c: char) =
    if Char.IsAsciiDigit c then
        int64 c - int64 '0'
    elif Char.IsAsciiLetter c then
        int64 (Char.ToLowerInvariant c) - int64 'a' + 10L
    else
        99L

let private parseInt (text: string) (radix: int64) : int64 voption =
    let clean = Text.trim text
    let negative = clean.StartsWith '-'

    let digits =
        (if negative || clean.StartsWith '+' then
             clean.Substring 1
         else
             clean)
            .Replace("_", "")

    let digits =
        match radix, digits.ToLowerInvariant() with
        | 16L, d when d.StartsWith("0x", StringComparison.Ordinal) -> d.Substring 2
        | 8L, d when d.StartsWith("0o", StringComparison.Ordinal) -> d.Substring 2
        | 2L, d when d.StartsWith("0b", StringComparison.Ordinal) -> d.Substring 2
        | _, d -> d

    if digits.Length = 0 || Seq.exists (fun c -> digit c >= radix) digits then
        ValueNone
    else
        let value =
            Seq.fold (fun n c -> Checked.(+) (Checked.(*) n radix) (digit c)) 0L digits

        ValueSome(if negative then -value else value)

let private toInt: Filter =
    fun _ value args ->
        let bound = Args.bind "int" [| "default"; "base" |] args
        let fallback = bound.Or(0, Value.Int 0L)

        match value, Value.asInt value with
        | _, ValueSome n -> Value.Int n
        | Value.Float f, _ -> truncated fallback f
        | Value.Str s, _ ->
            match parseInt s (bound.Int(1, 10L)) with
            | ValueSome n -> Value.Int n
            | ValueNone ->
                parseFloat s
                |> ValueOption.map (truncated fallback)
                |> ValueOption.defaultValue fallback
        | Value.Undefined why, _ -> Fault.raise why
        | _ -> fallback

let private absolute: Filter =
    fun _ value _ ->
        match value, Value.asInt value with
        | _, ValueSome n -> Value.Int(if n < 0L then Checked.(~-) n else n)
        | Value.Float f, _ -> Value.Float(abs f)
        | Value.Undefined why, _ -> Fault.raise why
        | _ -> Fault.raise ("bad operand type for abs(): '" + Value.typeName value + "'")

let private roundAt (digits: int) (how: double -> double) (f: double) =
    let scale = Math.Pow(10.0, double digits)
    how (f * scale) / scale

let private round: Filter =
    fun _ value args ->
        let bound = Args.bind "round" [| "precision"; "method" |] args
        let digits = int (max -300L (min 300L (bound.Int(0, 0L))))

        match ValueOption.defaultValue "common" (bound.Text 1), value, Value.asFloat value with
        | _, Value.Undefined why, _ -> Fault.raise why
        | _, _, ValueNone -> Fault.raise ("type " + Value.typeName value + " cannot be rounded")
        | "common", (Value.Int _ | Value.Bool _), ValueSome _ when digits >= 0 -> Operators.plus value
        | "common", (Value.Int _ | Value.Bool _), ValueSome f -> Value.Int(int64 (roundAt digits Math.Round f))
        | "common", _, ValueSome f when digits > 15 || not (Double.IsFinite f) -> Value.Float f
        | "common", _, ValueSome f when digits >= 0 -> Value.Float(Math.Round(f, digits))
        | "common", _, ValueSome f -> Value.Float(roundAt digits Math.Round f)
        | "ceil", _, ValueSome f -> Value.Float(roundAt digits Math.Ceiling f)
        | "floor", _, ValueSome f -> Value.Float(roundAt digits Math.Floor f)
        | _ -> Fault.raise "round: the method must be common, ceil or floor"

let private format: Filter =
    fun work value args ->
        let fill =
            if args.Named.Length > 0 then
                let dict = ValueDict()
                Methods.fill work dict "format" { args with Positional = Array.empty }
                Value.Dict dict
            else
                Value.Tuple args.Positional

        Format.percent work (Print.text work value) fill

let private center: Filter =
    fun work value args ->
        let bound = Args.bind "center" [| "width" |] args
        let text = Value.Str(Print.text work value)

        match Methods.tryFind work text "center" with
        | ValueSome(Value.Function(_, invoke)) -> invoke (Args.positional [| bound.Or(0, Value.Int 80L) |])
        | _ -> text

let tryFind (name: string) : Filter voption =
    match name with
    | "upper" -> onText name (fun s -> s.ToUpperInvariant())
    | "lower" -> onText name (fun s -> s.ToLowerInvariant())
    | "capitalize" -> onText name Text.capitalize
    | "title" -> onText name title
    | "escape"
    | "e"
    | "forceescape" -> onText name escape
    | "string"
    | "safe" -> onText name id
    | "trim" -> ValueSome trim
    | "replace" -> ValueSome replace
    | "indent" -> ValueSome indent
    | "truncate" -> ValueSome truncate
    | "wordcount" -> ValueSome countWords
    | "urlencode" -> ValueSome urlEncode
    | "center" -> ValueSome center
    | "format" -> ValueSome format
    | "float" -> ValueSome toFloat
    | "int" -> ValueSome toInt
    | "abs" -> ValueSome absolute
    | "round" -> ValueSome round
    | _ -> ValueNone
