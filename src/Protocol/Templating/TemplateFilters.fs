/// Filters over collections, and the one lookup for all filters.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Filters

open System

type Filter = TextFilters.Filter

let private iterator (items: seq<Value>) : Value = Value.Iterator(OnePass items)

/// Texts compare without case unless asked otherwise.
let private ignoringCase (caseSensitive: bool) (value: Value) : Value =
    match value with
    | Value.Str s when not caseSensitive -> Value.Str(s.ToLowerInvariant())
    | other -> other

/// The value at a dotted path such as `function.name` or `0.id`.
let private atPath (work: Work) (path: Value) : Value -> Value =
    let step (part: string) =
        match Int64.TryParse part with
        | true, n -> Value.Int n
        | _ -> Value.Str part

    match path with
    | Value.Str path ->
        let keys = path.Split '.' |> Array.map step
        fun value -> Array.fold (Operators.item work) value keys
    | other -> fun value -> Operators.item work value other

let private keyOf (work: Work) (attribute: Value voption) (caseSensitive: bool) : Value -> Value =
    match attribute with
    | ValueNone
    | ValueSome Value.None -> ignoringCase caseSensitive
    | ValueSome path -> atPath work path >> ignoringCase caseSensitive

let private orDefault (fallback: Value voption) (value: Value) : Value =
    match value, fallback with
    | Value.Undefined _, ValueSome fallback -> fallback
    | _ -> value

let private fallbackTo: Filter =
    fun _ value args ->
        let bound = Args.bind "default" [| "default_value"; "boolean" |] args

        match value with
        | Value.Undefined _ -> bound.Or(0, Value.Empty)
        | _ when bound.Flag(1, false) && not (Value.truth value) -> bound.Or(0, Value.Empty)
        | _ -> value

let private length: Filter =
    fun _ value args ->
        Args.bind "length" Array.empty args |> ignore
        Value.ofInt (Operators.length value)

let private first: Filter =
    fun work value _ ->
        let item =
            match value with
            | Value.Iterator rest -> rest.TakeOne()
            | _ ->
                match Operators.iterate work value with
                | [||] -> ValueNone
                | items -> ValueSome items[0]

        ValueOption.defaultWith (fun () -> Value.Undefined "No first item, sequence was empty.") item

let private last: Filter =
    fun work value _ ->
        match Operators.iterate work value with
        | [||] -> Value.Undefined "No last item, sequence was empty."
        | items -> items[items.Length - 1]

let private join: Filter =
    fun work value args ->
        let bound = Args.bind "join" [| "d"; "attribute" |] args
        let separator = Print.text work (bound.Or(0, Value.Empty))

        let pick =
            bound.At 1 |> ValueOption.map (atPath work) |> ValueOption.defaultValue id

        let parts =
            Operators.iterate work value
            |> Array.map (fun item ->
                let text = Print.text work (pick item)
                work.Charge(text.Length + separator.Length)
                text)

        Value.Str(String.Join(separator, parts))

let private reverse: Filter =
    fun work value _ ->
        match value with
        | Value.Str s -> Value.Str(Text.slice s ValueNone ValueNone -1L)
        | other -> iterator (Array.rev (Operators.iterate work other))

let private sort: Filter =
    fun work value args ->
        let bound = Args.bind "sort" [| "reverse"; "case_sensitive"; "attribute" |] args
        let caseSensitive = bound.Flag(1, false)

        let key =
            match bound.At 2 with
            | ValueSome(Value.Str paths) when paths.Contains ',' ->
                let keys =
                    paths.Split ','
                    |> Array.map (fun path -> keyOf work (ValueSome(Value.Str path)) caseSensitive)

                fun value -> Value.Tuple(keys |> Array.map (fun key -> key value))
            | attribute -> keyOf work attribute caseSensitive

        Operators.iterate work value
        |> Compare.sortBy work (bound.Flag(0, false)) key
        |> Value.ofSeq

let private dictSort: Filter =
    fun work value args ->
        let bound = Args.bind "dictsort" [| "case_sensitive"; "by"; "reverse" |] args

        let place =
            match ValueOption.defaultValue "key" (bound.Text 1) with
            | "key" -> Value.Int 0L
            | "value" -> Value.Int 1L
            | _ -> Fault.raise "dictsort: by must be key or value"

        match value with
        | Value.Dict dict ->
            dict.Items
            |> Array.map Value.pair
            |> Compare.sortBy
                work
                (bound.Flag(2, false))
                (Operators.item work
                 >> (fun at -> at place)
                 >> ignoringCase (bound.Flag(0, false)))
            |> Value.ofSeq
        | other -> Fault.raise ("dictsort needs a dictionary, not " + Value.typeName other)

let private uniqueBy (work: Work) (key: Value -> Value) (items: Value[]) : Value[] =
    let seen = ResizeArray<Value>()

    items
    |> Array.filter (fun item ->
        let id = key item
        let fresh = not (seen.Exists(fun other -> Compare.equal work other id))

        if fresh then
            seen.Add id

        fresh)

let private unique: Filter =
    fun work value args ->
        let bound = Args.bind "unique" [| "case_sensitive"; "attribute" |] args
        iterator (uniqueBy work (keyOf work (bound.At 1) (bound.Flag(0, false))) (Operators.iterate work value))

let private extreme (name: string) (sign: int) : Filter =
    fun work value args ->
        let bound = Args.bind name [| "case_sensitive"; "attribute" |] args
        let key = keyOf work (bound.At 1) (bound.Flag(0, false))

        match Operators.iterate work value with
        | [||] -> Value.Undefined "No aggregated item, sequence was empty."
        | items ->
            items
            |> Array.reduce (fun best item ->
                if sign * Compare.order work (key item) (key best) > 0 then
                    item
                else
                    best)

let private sum: Filter =
    fun work value args ->
        let bound = Args.bind "sum" [| "attribute"; "start" |] args

        let pick =
            match bound.At 0 with
            | ValueNone
            | ValueSome Value.None -> id
            | ValueSome path -> atPath work path

        Operators.iterate work value
        |> Array.fold (fun total item -> Operators.add work total (pick item)) (bound.Or(1, Value.Int 0L))

let private groupBy: Filter =
    fun work value args ->
        let bound = Args.bind "groupby" [| "attribute"; "default"; "case_sensitive" |] args
        let raw = atPath work (bound.Need 0) >> orDefault (bound.At 1)
        let key = raw >> ignoringCase (bound.Flag(2, false))
        let groups = ResizeArray<struct (Value * ResizeArray<Value>)>()

        for item in Compare.sortBy work false key (Operators.iterate work value) do
            let id = key item

            if
                groups.Count > 0
                && (let struct (last, _) = groups[groups.Count - 1] in Compare.equal work last id)
            then
                let struct (_, members) = groups[groups.Count - 1]
                members.Add item
            else
                groups.Add(struct (id, ResizeArray [ item ]))

        groups
        |> Seq.map (fun (struct (_, members)) -> Value.Tuple [| raw members[0]; Value.List members |])
        |> Value.ofSeq

let private chunk (size: int) (fill: Value voption) (items: Value[]) : Value =
    let padded (part: Value[]) =
        match fill with
        | ValueSome fill when part.Length < size -> Array.append part (Array.create (size - part.Length) fill)
        | _ -> part

    items |> Array.chunkBySize size |> Seq.map (padded >> Value.ofSeq) |> iterator

let private batch: Filter =
    fun work value args ->
        let bound = Args.bind "batch" [| "linecount"; "fill_with" |] args
        bound.Need 0 |> ignore
        let size = int (max 1L (min 100_000L (bound.Int(0, 1L))))
        work.Charge(8 * size)
        chunk size (bound.At 1) (Operators.iterate work value)

let private columns: Filter =
    fun work value args ->
        let bound = Args.bind "slice" [| "slices"; "fill_with" |] args
        bound.Need 0 |> ignore
        let count = int (max 1L (min 100_000L (bound.Int(0, 1L))))
        let items = Operators.iterate work value
        let size, longer = items.Length / count, items.Length % count
        work.Charge(8 * count)

        Seq.init count (fun i ->
            let start = i * size + min i longer
            let part = items[start .. start + size + (if i < longer then 1 else 0) - 1]

            match bound.At 1 with
            | ValueSome fill when i >= longer -> Value.ofSeq (Array.append part [| fill |])
            | _ -> Value.ofSeq part)
        |> iterator

let private toList: Filter =
    fun work value _ -> Value.ofSeq (Operators.iterate work value)

let private items: Filter =
    fun _ value _ ->
        match value with
        | Value.Undefined _ -> iterator Seq.empty
        | Value.Dict dict -> iterator (Seq.map Value.pair dict.Items)
        | _ -> Fault.raise "Can only get item pairs from a mapping."

let private attribute: Filter =
    fun work value args ->
        let name = (Args.bind "attr" [| "name" |] args).NeedText 0

        match value with
        | Value.Dict _ ->
            Methods.tryFind work value name
            |> ValueOption.defaultWith (fun () -> Operators.missingAttribute value name)
        | _ -> Methods.attribute work value name

let private toJson: Filter =
    fun work value args ->
        let bound =
            Args.bind "tojson" [| "ensure_ascii"; "indent"; "separators"; "sort_keys" |] args

        let indent =
            match bound.Or(1, Value.None) with
            | Value.None -> ValueNone
            | Value.Str indent -> ValueSome indent
            | _ -> ValueSome(String(' ', int (max 0L (min 100L (bound.Int(1, 0L))))))

        let item, key =
            match bound.Or(2, Value.None) with
            | Value.None -> (if indent.IsSome then "," else ", "), ": "
            | pair ->
                match Operators.iterate work pair with
                | [| Value.Str item; Value.Str key |] -> item, key
                | _ -> Fault.raise "tojson: separators must be two texts"

        let style: Print.JsonStyle = {
            Indent = indent
            ItemSeparator = item
            KeySeparator = key
            SortKeys = bound.Flag(3, false)
            EnsureAscii = bound.Flag(0, false)
        }

        Value.Str(Print.toJson work style value)

let private rest (count: int) (args: CallArgs) : CallArgs = {
    args with
        Positional = args.Positional[count..]
}

let private nameAt (filter: string) (i: int) (args: CallArgs) : string =
    match Array.tryItem i args.Positional with
    | Some(Value.Str name) -> name
    | _ -> Fault.raise (filter + " needs a name in quotes")

let private map (find: string -> Filter voption) : Filter =
    fun work value args ->
        let change =
            match Args.tryNamed args "attribute" with
            | ValueSome path when args.Positional.Length = 0 ->
                atPath work path >> orDefault (Args.tryNamed args "default")
            | _ ->
                let name = nameAt "map" 0 args

                match find name with
                | ValueSome filter -> fun item -> filter work item (rest 1 args)
                | ValueNone -> Fault.raise ("No filter named '" + name + "'.")

        iterator (Operators.iterate work value |> Array.map change)

/// `select`, `reject` and their attribute forms.
let private pick (name: string) (wanted: bool) (byAttribute: bool) : Filter =
    fun work value args ->
        let skip = if byAttribute then 1 else 0

        let subject =
            match byAttribute, Array.tryHead args.Positional with
            | false, _ -> id
            | true, Some path -> atPath work path
            | true, None -> Fault.raise "Missing parameter for attribute name"

        let test =
            if args.Positional.Length <= skip then
                Value.truth
            else
                let test = nameAt name skip args

                match Tests.tryFind test with
                | ValueSome test -> fun item -> test work item (rest (skip + 1) args)
                | ValueNone -> Fault.raise ("No test named '" + test + "'.")

        iterator (
            Operators.iterate work value
            |> Array.filter (fun item -> test (subject item) = wanted)
        )

let rec tryFind (name: string) : Filter voption =
    match name with
    | "default"
    | "d" -> ValueSome fallbackTo
    | "length"
    | "count" -> ValueSome length
    | "first" -> ValueSome first
    | "last" -> ValueSome last
    | "join" -> ValueSome join
    | "reverse" -> ValueSome reverse
    | "sort" -> ValueSome sort
    | "dictsort" -> ValueSome dictSort
    | "unique" -> ValueSome unique
    | "min" -> ValueSome(extreme name -1)
    | "max" -> ValueSome(extreme name 1)
    | "sum" -> ValueSome sum
    | "groupby" -> ValueSome groupBy
    | "batch" -> ValueSome batch
    | "slice" -> ValueSome columns
    | "list" -> ValueSome toList
    | "items" -> ValueSome items
    | "attr" -> ValueSome attribute
    | "tojson" -> ValueSome toJson
    | "map" -> ValueSome(map tryFind)
    | "select" -> ValueSome(pick name true false)
    | "reject" -> ValueSome(pick name false false)
    | "selectattr" -> ValueSome(pick name true true)
    | "rejectattr" -> ValueSome(pick name false true)
    | _ -> TextFilters.tryFind name
