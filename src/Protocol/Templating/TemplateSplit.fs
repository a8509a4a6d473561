/// Cutting texts apart and putting other text in, as Python's `str` does.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Split

open System
open System.Text

let private ordinal = StringComparison.Ordinal

let replace (work: Work) (s: string) (old: string) (fresh: string) (count: int64) : string =
    let result = StringBuilder()
    let mutable left = if count < 0L then Int64.MaxValue else count
    let mutable i = 0

    let put (text: string) =
        work.Charge text.Length
        result.Append text |> ignore

    if old.Length = 0 then
        for point in Text.codePoints s do
            if left > 0L then
                put fresh
                left <- left - 1L

            put point

        if left > 0L then
            put fresh
    else
        let mutable at = s.IndexOf(old, ordinal)

        while at >= 0 && left > 0L do
            put (s.Substring(i, at - i))
            put fresh
            i <- at + old.Length
            left <- left - 1L
            at <- s.IndexOf(old, i, ordinal)

        put (s.Substring i)

    result.ToString()

let splitBy (separator: string) (max: int64) (s: string) : ResizeArray<string> =
    if separator.Length = 0 then
        Fault.raise "empty separator"

    let parts = ResizeArray<string>()
    let mutable start = 0
    let mutable at = s.IndexOf(separator, ordinal)

    while at >= 0 && (max < 0L || int64 parts.Count < max) do
        parts.Add(s.Substring(start, at - start))
        start <- at + separator.Length
        at <- s.IndexOf(separator, start, ordinal)

    parts.Add(s.Substring start)
    parts

let private splitByFromEnd (separator: string) (max: int64) (s: string) : ResizeArray<string> =
    if separator.Length = 0 then
        Fault.raise "empty separator"

    let parts = ResizeArray<string>()
    let mutable rest = s
    let mutable at = rest.LastIndexOf(separator, ordinal)

    while at >= 0 && int64 parts.Count < max do
        parts.Insert(0, rest.Substring(at + separator.Length))
        rest <- rest.Substring(0, at)

        at <-
            if rest.Length = 0 then
                -1
            else
                rest.LastIndexOf(separator, ordinal)

    parts.Insert(0, rest)
    parts

let private splitOnSpace (max: int64) (s: string) : ResizeArray<string> =
    let parts = ResizeArray<string>()
    let mutable rest = Text.trimStart s

    while rest.Length > 0 do
        let mutable i = 0

        while i < rest.Length && not (Text.isSpace rest[i]) do
            i <- i + 1

        if max >= 0L && int64 parts.Count >= max then
            parts.Add rest
            rest <- ""
        else
            parts.Add(rest.Substring(0, i))
            rest <- Text.trimStart (rest.Substring i)

    parts

let private splitOnSpaceFromEnd (max: int64) (s: string) : ResizeArray<string> =
    let parts = ResizeArray<string>()
    let mutable rest = Text.trimEnd s

    while rest.Length > 0 do
        let mutable i = rest.Length

        while i > 0 && not (Text.isSpace rest[i - 1]) do
            i <- i - 1

        if int64 parts.Count >= max then
            parts.Insert(0, rest)
            rest <- ""
        else
            parts.Insert(0, rest.Substring i)
            rest <- Text.trimEnd (rest.Substring(0, i))

    parts

let split (work: Work) (s: string) (fromEnd: bool) (args: CallArgs) : Value =
    let bound = Args.bind "split" [| "sep"; "maxsplit" |] args
    let max = bound.Int(1, -1L)

    let parts =
        match bound.Text 0 with
        | ValueSome separator when fromEnd && max >= 0L -> splitByFromEnd separator max s
        | ValueSome separator -> splitBy separator max s
        | ValueNone when fromEnd && max >= 0L -> splitOnSpaceFromEnd max s
        | ValueNone -> splitOnSpace max s

    work.Charge(s.Length + 8 * parts.Count)
    Value.ofSeq (Seq.map Value.Str parts)

let partition (s: string) (fromEnd: bool) (args: CallArgs) : Value =
    let separator = (Args.bind "partition" [| "sep" |] args).NeedText 0

    if separator.Length = 0 then
        Fault.raise "empty separator"

    let at =
        if fromEnd then
            s.LastIndexOf(separator, ordinal)
        else
            s.IndexOf(separator, ordinal)

    let parts =
        if at >= 0 then
            [| s.Substring(0, at); separator; s.Substring(at + separator.Length) |]
        elif fromEnd then
            [| ""; ""; s |]
        else
            [| s; ""; "" |]

    Value.Tuple(Array.map Value.Str parts)
