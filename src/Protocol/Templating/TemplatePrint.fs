/// Values as Python prints them, and as transformers' `tojson` does.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Print

open System
open System.Collections.Generic
open System.Globalization
open System.Text

/// Deeper values are refused: a list may have been appended to itself.
let private maxDepth = 100

let private guard (work: Work) (depth: int) =
    work.Charge 32

    if depth > maxDepth then
        Fault.raise "a value is nested too deeply to be written"

let private ofInt (n: int64) = n.ToString CultureInfo.InvariantCulture

let rec private repr (work: Work) (depth: int) (into: StringBuilder) (value: Value) : unit =
    guard work depth

    match value with
    | Value.Undefined _ -> into.Append "Undefined" |> ignore
    | Value.None -> into.Append "None" |> ignore
    | Value.Bool b -> into.Append(if b then "True" else "False") |> ignore
    | Value.Int n -> into.Append(ofInt n) |> ignore
    | Value.Float f -> into.Append(Text.ofFloat f) |> ignore
    | Value.Str s ->
        work.Charge s.Length
        Text.appendQuoted into s
    | Value.List items -> between work depth into "[" "]" items
    | Value.Tuple [| one |] -> between work depth into "(" ",)" [| one |]
    | Value.Tuple items -> between work depth into "(" ")" items
    | Value.Dict dict -> pairs work depth into dict.Items
    | Value.Namespace fields ->
        into.Append "<Namespace " |> ignore
        pairs work depth into [| for field in fields -> struct (Value.Str field.Key, field.Value) |]
        into.Append '>' |> ignore
    | Value.Iterator _ -> into.Append "<generator>" |> ignore
    | Value.Function(name, _) -> into.Append("<function ").Append(name).Append('>') |> ignore
    | Value.Object(name, _) -> into.Append('<').Append(name).Append('>') |> ignore

and private between work depth into (first: string) (last: string) (items: IReadOnlyList<Value>) =
    into.Append first |> ignore

    for i in 0 .. items.Count - 1 do
        if i > 0 then
            into.Append ", " |> ignore

        repr work (depth + 1) into items[i]

    into.Append last |> ignore

and private pairs work depth into (items: struct (Value * Value)[]) =
    into.Append '{' |> ignore

    items
    |> Array.iteri (fun i (struct (key, value)) ->
        if i > 0 then
            into.Append ", " |> ignore

        repr work (depth + 1) into key
        into.Append ": " |> ignore
        repr work (depth + 1) into value)

    into.Append '}' |> ignore

/// Python's `repr`.
let quoted (work: Work) (value: Value) : string =
    let text = StringBuilder()
    repr work 0 text value
    text.ToString()

/// Python's `str`: what `{{ }}` writes.
let text (work: Work) (value: Value) : string =
    match value with
    | Value.Str s -> s
    | Value.Undefined _ -> ""
    | Value.None -> "None"
    | Value.Bool b -> if b then "True" else "False"
    | Value.Int n -> ofInt n
    | Value.Float f -> Text.ofFloat f
    | other -> quoted work other

/// How `tojson` was asked to write.
[<NoComparison; NoEquality>]
type JsonStyle = {
    /// Empty keeps everything on one line.
    Indent: string voption
    ItemSeparator: string
    KeySeparator: string
    SortKeys: bool
    EnsureAscii: bool
}

let private appendJsonText (style: JsonStyle) (into: StringBuilder) (s: string) =
    into.Append '"' |> ignore

    for c in s do
        match c with
        | '"' -> into.Append "\\\"" |> ignore
        | '\\' -> into.Append "\\\\" |> ignore
        | '\n' -> into.Append "\\n" |> ignore
        | '\r' -> into.Append "\\r" |> ignore
        | '\t' -> into.Append "\\t" |> ignore
        | '\b' -> into.Append "\\b" |> ignore
        | '\f' -> into.Append "\\f" |> ignore
        | c when c < ' ' || (style.EnsureAscii && c > '~') -> into.Append("\\u").Append((int c).ToString "x4") |> ignore
        | c -> into.Append c |> ignore

    into.Append '"' |> ignore

let private jsonNumber (f: double) =
    if Double.IsNaN f then "NaN"
    elif Double.IsPositiveInfinity f then "Infinity"
    elif Double.IsNegativeInfinity f then "-Infinity"
    else Text.ofFloat f

let private jsonKey (key: Value) =
    match key with
    | Value.Str s -> s
    | Value.None -> "null"
    | Value.Bool b -> if b then "true" else "false"
    | Value.Int n -> ofInt n
    | Value.Float f -> jsonNumber f
    | other -> Fault.raise ("keys of JSON must be text, not " + Value.typeName other)

let private newLine (style: JsonStyle) (depth: int) (into: StringBuilder) =
    match style.Indent with
    | ValueSome indent ->
        into.Append '\n' |> ignore

        for _ in 1..depth do
            into.Append indent |> ignore
    | ValueNone -> ()

let rec private json (work: Work) (style: JsonStyle) (depth: int) (into: StringBuilder) (value: Value) : unit =
    guard work depth

    match value with
    | Value.None -> into.Append "null" |> ignore
    | Value.Bool b -> into.Append(if b then "true" else "false") |> ignore
    | Value.Int n -> into.Append(ofInt n) |> ignore
    | Value.Float f -> into.Append(jsonNumber f) |> ignore
    | Value.Str s ->
        work.Charge s.Length
        appendJsonText style into s
    | Value.List items ->
        jsonItems work style depth into '[' ']' items.Count (fun i -> json work style (depth + 1) into items[i])
    | Value.Tuple items ->
        jsonItems work style depth into '[' ']' items.Length (fun i -> json work style (depth + 1) into items[i])
    | Value.Dict dict -> jsonObject work style depth into dict.Items
    | other -> Fault.raise ("Object of type " + Value.typeName other + " is not JSON serializable")

and private jsonItems work style depth into (first: char) (last: char) count (write: int -> unit) =
    into.Append first |> ignore

    for i in 0 .. count - 1 do
        if i > 0 then
            into.Append style.ItemSeparator |> ignore

        style.Indent
        |> ValueOption.iter (fun indent -> work.Charge((depth + 1) * indent.Length))

        newLine style (depth + 1) into
        write i

    if count > 0 then
        newLine style depth into

    into.Append last |> ignore

and private jsonObject work style depth into (items: struct (Value * Value)[]) =
    let items =
        if style.SortKeys then
            items
            |> List.ofArray
            |> List.sortWith (fun (struct (a, _)) (struct (b, _)) -> String.CompareOrdinal(jsonKey a, jsonKey b))
            |> Array.ofList
        else
            items

    jsonItems work style depth into '{' '}' items.Length (fun i ->
        let struct (key, value) = items[i]
        let key = jsonKey key
        work.Charge key.Length
        appendJsonText style into key
        into.Append style.KeySeparator |> ignore
        json work style (depth + 1) into value)

let toJson (work: Work) (style: JsonStyle) (value: Value) : string =
    let text = StringBuilder()
    json work style 0 text value
    text.ToString()
