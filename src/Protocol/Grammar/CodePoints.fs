namespace StreamCore.Protocol.Grammar

open System
open System.Text

/// A set of Unicode scalar values: ranges in order, apart from each other, without surrogates.
type internal CodePoints = (struct (int * int))[]

/// How a character is written.
[<RequireQualifiedAccess>]
type internal Spelling =
    /// UTF-8.
    | Plain
    /// Inside a JSON string, in one way only: escaped if it must be (RFC 8259 §7), by its letter if it has one.
    | Json

[<RequireQualifiedAccess>]
module internal CodePoints =
    [<Literal>]
    let Last = 0x10FFFF

    /// In order, joined where they touch.
    let normal (ranges: seq<struct (int * int)>) : CodePoints =
        let merged = ResizeArray<struct (int * int)>()

        for struct (low, high) in Seq.sort ranges do
            if merged.Count > 0 then
                let struct (first, last) = merged[merged.Count - 1]

                if low <= last + 1 then
                    merged[merged.Count - 1] <- struct (first, max last high)
                else
                    merged.Add(struct (low, high))
            else
                merged.Add(struct (low, high))

        merged.ToArray()

    let private inverted (set: CodePoints) : CodePoints =
        let mutable from = 0

        [|
            for struct (low, high) in set do
                if low > from then
                    struct (from, low - 1)

                from <- high + 1

            if from <= Last then
                struct (from, Last)
        |]

    let private surrogates = [| struct (0xD800, 0xDFFF) |]

    /// All others, surrogates never.
    let complement (set: CodePoints) =
        inverted (normal (Seq.append set surrogates))

    let any: CodePoints = complement [||]

    let only (value: int) : CodePoints = [| struct (value, value) |]

    let contains (value: int) (set: CodePoints) =
        set |> Array.exists (fun (struct (low, high)) -> low <= value && value <= high)

    let private utf8 (value: int) =
        let bytes = Array.zeroCreate<byte> 4
        let count = Rune(value).EncodeToUtf8(Span bytes)
        bytes[.. count - 1]

    /// Ranges whose ends have the same length in UTF-8, and whose last bytes run from 80 to BF wherever earlier ones differ.
    let rec private split low high : (struct (int * int)) list =
        let cut at = split low (at - 1) @ split at high

        let boundary =
            [ 0x80; 0x800; 0x10000 ] |> List.tryFind (fun at -> low < at && at <= high)

        match boundary with
        | Some at -> cut at
        | None when high < 0x80 -> [ struct (low, high) ]
        | None ->
            let unevenBits =
                [ 6; 12; 18 ]
                |> List.tryPick (fun bits ->
                    let mask = (1 <<< bits) - 1

                    if (low >>> bits) = (high >>> bits) then None
                    elif (low &&& mask) <> 0 then Some((low ||| mask) + 1)
                    elif (high &&& mask) <> mask then Some(high &&& ~~~mask)
                    else None)

            match unevenBits with
            | Some at -> cut at
            | None -> [ struct (low, high) ]

    let private addUtf8 (nfa: Nfa) from target (struct (low, high)) =
        let first = utf8 low
        let last = utf8 high
        let mutable at = from

        for index in 0 .. first.Length - 1 do
            let next = if index = first.Length - 1 then target else nfa.New()
            nfa.Edge(at, int first[index], int last[index], next)
            at <- next

    let private withoutSurrogates (struct (low, high)) = [|
        if low < 0xD800 then
            struct (low, min high 0xD7FF)

        if high > 0xDFFF then
            struct (max low 0xE000, high)
    |]

    let private addPlain nfa from target (set: CodePoints) =
        for struct (low, high) in Array.collect withoutSurrogates set do
            for range in split low high do
                addUtf8 nfa from target range

    let private mustEscape =
        normal [ struct (0, 0x1F); struct (int '"', int '"'); struct (int '\\', int '\\') ]

    /// The one escape of a character that needs one.
    let escape (value: int) =
        match value with
        | 0x22 -> "\\\""
        | 0x5C -> "\\\\"
        | 0x08 -> "\\b"
        | 0x0C -> "\\f"
        | 0x0A -> "\\n"
        | 0x0D -> "\\r"
        | 0x09 -> "\\t"
        | other -> "\\u" + other.ToString("x4", Globalization.CultureInfo.InvariantCulture)

    let private intersect (left: CodePoints) (right: CodePoints) : CodePoints = [|
        for struct (a, b) in left do
            for struct (c, d) in right do
                if max a c <= min b d then
                    struct (max a c, min b d)
    |]

    let private addEscaped (nfa: Nfa) from target (set: CodePoints) =
        for struct (low, high) in intersect set mustEscape do
            for value in low..high do
                let bytes = Encoding.ASCII.GetBytes(escape value)
                let last = bytes.Length - 1
                let at = Fragment.literal bytes[.. last - 1] nfa from
                nfa.Edge(at, int bytes[last], int bytes[last], target)

    /// One character of the set.
    let part spelling (set: CodePoints) : Fragment.Part =
        fun nfa from ->
            let target = nfa.New()

            match spelling with
            | Spelling.Plain -> addPlain nfa from target set
            | Spelling.Json ->
                addPlain nfa from target (intersect set (inverted mustEscape))
                addEscaped nfa from target set

            target

    /// A text as it stands inside a JSON string.
    let jsonText (text: string) =
        let out = StringBuilder()

        for rune in text.EnumerateRunes() do
            if contains rune.Value mustEscape then
                out.Append(escape rune.Value) |> ignore
            else
                out.Append(rune.ToString()) |> ignore

        Encoding.UTF8.GetBytes(out.ToString())
