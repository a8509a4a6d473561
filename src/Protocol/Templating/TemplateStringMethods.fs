/// The methods of Python's `str` that templates call.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.StringMethods

open System

let private ordinal = StringComparison.Ordinal

let private strip (s: string) (atStart: bool) (atEnd: bool) (args: CallArgs) : Value =
    match (Args.bind "strip" [| "chars" |] args).Text 0 with
    | ValueSome chars -> Value.Str(Text.trimChars atStart atEnd chars s)
    | ValueNone when atStart && atEnd -> Value.Str(Text.trim s)
    | ValueNone when atStart -> Value.Str(Text.trimStart s)
    | ValueNone -> Value.Str(Text.trimEnd s)

let private affix (name: string) (test: string -> bool) (args: CallArgs) : Value =
    match (Args.bind name [| "prefix" |] args).Need 0 with
    | Value.Str part -> Value.ofBool (test part)
    | Value.Tuple parts ->
        parts
        |> Array.exists (fun part ->
            match part with
            | Value.Str part -> test part
            | _ -> false)
        |> Value.ofBool
    | Value.Undefined why -> Fault.raise why
    | other -> Fault.raise (name + " first arg must be str or a tuple of str, not " + Value.typeName other)

let private find (name: string) (s: string) (fromEnd: bool) (args: CallArgs) : int =
    let bound = Args.bind name [| "sub"; "start" |] args
    let part = bound.NeedText 0
    let from = bound.Int(1, 0L)

    let from =
        if from < 0L then
            max 0L (from + int64 (Text.length s))
        else
            from

    let skipped = Text.slice s ValueNone (ValueSome from) 1L
    let rest = s.Substring skipped.Length

    let at =
        if from > int64 (Text.length s) then -1
        elif fromEnd then rest.LastIndexOf(part, ordinal)
        else rest.IndexOf(part, ordinal)

    if at < 0 then
        -1
    else
        Text.pointIndex s (skipped.Length + at)

let private index (name: string) (s: string) (fromEnd: bool) (args: CallArgs) : Value =
    match find name s fromEnd args with
    | -1 -> Fault.raise "substring not found"
    | at -> Value.ofInt at

let private count (s: string) (part: string) : int =
    if part.Length = 0 then
        Text.length s + 1
    else
        (Split.splitBy part -1L s).Count - 1

/// Upper case after anything that is not a letter, lower case elsewhere.
let private title (s: string) : string =
    let mutable inWord = false

    String.map
        (fun c ->
            let mapped =
                if inWord then
                    Char.ToLowerInvariant c
                else
                    Char.ToUpperInvariant c

            inWord <- Char.IsLetter c
            mapped)
        s

let private swapCase (s: string) : string =
    String.map
        (fun c ->
            if Char.IsUpper c then
                Char.ToLowerInvariant c
            else
                Char.ToUpperInvariant c)
        s

let private all (s: string) (test: char -> bool) : Value =
    Value.ofBool (s.Length > 0 && Seq.forall test s)

let private hasCase (s: string) (test: char -> bool) (against: char -> bool) : Value =
    Value.ofBool (Seq.exists test s && not (Seq.exists against s))

let private join (work: Work) (separator: string) (args: CallArgs) : Value =
    let parts =
        (Args.bind "join" [| "iterable" |] args).Need 0
        |> Operators.iterate work
        |> Array.map (fun part ->
            match part with
            | Value.Str part ->
                work.Charge(part.Length + separator.Length)
                part
            | Value.Undefined why -> Fault.raise why
            | other -> Fault.raise ("join() needs text, not " + Value.typeName other))

    Value.Str(String.Join(separator, parts))

/// Pads to a width: 'l' keeps the text left, 'r' right, 'c' in the middle, 'z' puts zeros after the sign.
let private pad (work: Work) (s: string) (side: char) (args: CallArgs) : Value =
    let bound = Args.bind "just" [| "width"; "fillchar" |] args
    let fill = ValueOption.defaultValue (if side = 'z' then "0" else " ") (bound.Text 1)
    let wanted = bound.Int(0, 0L)
    let missing = wanted - int64 (Text.length s)

    if missing <= 0L then
        Value.Str s
    elif missing > Operators.maxLength || fill.Length <> 1 then
        Fault.raise "the width or the fill character is out of range"
    else
        work.Charge missing
        let missing = int missing
        let line n = String(fill[0], n)

        match side with
        | 'l' -> Value.Str(s + line missing)
        | 'r' -> Value.Str(line missing + s)
        | 'z' when s.Length > 0 && (s[0] = '-' || s[0] = '+') -> Value.Str(s.Insert(1, line missing))
        | 'z' -> Value.Str(line missing + s)
        | _ ->
            // Python puts the odd character left when both the gap and the width are odd.
            let left = missing / 2 + (missing &&& int wanted &&& 1)
            Value.Str(line left + s + line (missing - left))

let private replaceMethod (work: Work) (s: string) (args: CallArgs) : Value =
    let bound = Args.bind "replace" [| "old"; "new"; "count" |] args
    Value.Str(Split.replace work s (bound.NeedText 0) (bound.NeedText 1) (bound.Int(2, -1L)))

let private splitLines (s: string) (args: CallArgs) : Value =
    let keep = (Args.bind "splitlines" [| "keepends" |] args).Flag(0, false)
    Value.ofSeq (Seq.map Value.Str (Text.splitLines keep s))

/// Takes a known end off, once.
let private without (s: string) (atStart: bool) (args: CallArgs) : Value =
    let part = (Args.bind "removeprefix" [| "part" |] args).NeedText 0

    if atStart && s.StartsWith(part, ordinal) then
        Value.Str(s.Substring part.Length)
    elif not atStart && s.EndsWith(part, ordinal) then
        Value.Str(s.Substring(0, s.Length - part.Length))
    else
        Value.Str s

let private plain (name: string) (value: unit -> Value) : (CallArgs -> Value) voption =
    ValueSome(fun args ->
        Args.bind name Array.empty args |> ignore
        value ())

let private tests (s: string) (name: string) : (CallArgs -> Value) voption =
    match name with
    | "isdigit"
    | "isdecimal"
    | "isnumeric" -> plain name (fun () -> all s Char.IsDigit)
    | "isalpha" -> plain name (fun () -> all s Char.IsLetter)
    | "isalnum" -> plain name (fun () -> all s Char.IsLetterOrDigit)
    | "isspace" -> plain name (fun () -> all s Text.isSpace)
    | "isupper" -> plain name (fun () -> hasCase s Char.IsUpper Char.IsLower)
    | "islower" -> plain name (fun () -> hasCase s Char.IsLower Char.IsUpper)
    | "startswith" -> ValueSome(affix name (fun part -> s.StartsWith(part, ordinal)))
    | "endswith" -> ValueSome(affix name (fun part -> s.EndsWith(part, ordinal)))
    | _ -> ValueNone

let private changes (work: Work) (s: string) (name: string) : (CallArgs -> Value) voption =
    match name with
    | "upper" -> plain name (fun () -> Value.Str(s.ToUpperInvariant()))
    | "lower"
    | "casefold" -> plain name (fun () -> Value.Str(s.ToLowerInvariant()))
    | "title" -> plain name (fun () -> Value.Str(title s))
    | "capitalize" -> plain name (fun () -> Value.Str(Text.capitalize s))
    | "swapcase" -> plain name (fun () -> Value.Str(swapCase s))
    | "strip" -> ValueSome(strip s true true)
    | "lstrip" -> ValueSome(strip s true false)
    | "rstrip" -> ValueSome(strip s false true)
    | "replace" -> ValueSome(replaceMethod work s)
    | "removeprefix" -> ValueSome(without s true)
    | "removesuffix" -> ValueSome(without s false)
    | "ljust" -> ValueSome(pad work s 'l')
    | "rjust" -> ValueSome(pad work s 'r')
    | "center" -> ValueSome(pad work s 'c')
    | "zfill" -> ValueSome(pad work s 'z')
    | "format" -> ValueSome(Format.braces work s)
    | _ -> ValueNone

let private parts (work: Work) (s: string) (name: string) : (CallArgs -> Value) voption =
    match name with
    | "split" -> ValueSome(Split.split work s false)
    | "rsplit" -> ValueSome(Split.split work s true)
    | "splitlines" -> ValueSome(splitLines s)
    | "partition" -> ValueSome(Split.partition s false)
    | "rpartition" -> ValueSome(Split.partition s true)
    | "join" -> ValueSome(join work s)
    | "find" -> ValueSome(fun args -> Value.ofInt (find name s false args))
    | "rfind" -> ValueSome(fun args -> Value.ofInt (find name s true args))
    | "index" -> ValueSome(index name s false)
    | "rindex" -> ValueSome(index name s true)
    | "count" -> ValueSome(fun args -> Value.ofInt (count s ((Args.bind name [| "sub" |] args).NeedText 0)))
    | _ -> ValueNone

let tryFind (work: Work) (s: string) (name: string) : (CallArgs -> Value) voption =
    work.Charge s.Length

    tests s name
    |> ValueOption.orElseWith (fun () -> changes work s name)
    |> ValueOption.orElseWith (fun () -> parts work s name)
