/// Filters over collections, and the one lookup for all filters.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Filters

open System

type Filter = TextFilters.Filter

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
            bound.At 1
            |> ValueOption.map (OrderFilters.atPath work)
            |> ValueOption.defaultValue id

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
        | other -> OrderFilters.iterator (Array.rev (Operators.iterate work other))

let private chunk (size: int) (fill: Value voption) (items: Value[]) : Value =
    let padded (part: Value[]) =
        match fill with
        | ValueSome fill when part.Length < size -> Array.append part (Array.create (size - part.Length) fill)
        | _ -> part

    items
    |> Array.chunkBySize size
    |> Seq.map (padded >> Value.ofSeq)
    |> OrderFilters.iterator

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
        |> OrderFilters.iterator

let private toList: Filter =
    fun work value _ -> Value.ofSeq (Operators.iterate work value)

let private items: Filter =
    fun _ value _ ->
        match value with
        | Value.Undefined _ -> OrderFilters.iterator Seq.empty
        | Value.Dict dict -> OrderFilters.iterator (Seq.map Value.pair dict.Items)
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
                OrderFilters.atPath work path
                >> OrderFilters.orDefault (Args.tryNamed args "default")
            | _ ->
                let name = nameAt "map" 0 args

                match find name with
                | ValueSome filter -> fun item -> filter work item (rest 1 args)
                | ValueNone -> Fault.raise ("No filter named '" + name + "'.")

        OrderFilters.iterator (Operators.iterate work value |> Array.map change)

/// What is false is not walked, even where it could not be.
let private orEmpty (filter: Filter) : Filter =
    fun work value args ->
        if Value.truth value then
            filter work value args
        else
            OrderFilters.iterator Seq.empty

/// `select`, `reject` and their attribute forms.
let private pick (name: string) (wanted: bool) (byAttribute: bool) : Filter =
    fun work value args ->
        let skip = if byAttribute then 1 else 0

        let subject =
            match byAttribute, Array.tryHead args.Positional with
            | false, _ -> id
            | true, Some path -> OrderFilters.atPath work path
            | true, None -> Fault.raise "Missing parameter for attribute name"

        let test =
            if args.Positional.Length <= skip then
                Value.truth
            else
                let test = nameAt name skip args

                match Tests.tryFind test with
                | ValueSome test -> fun item -> test work item (rest (skip + 1) args)
                | ValueNone -> Fault.raise ("No test named '" + test + "'.")

        OrderFilters.iterator (
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
    | "sort" -> ValueSome OrderFilters.sort
    | "dictsort" -> ValueSome OrderFilters.dictSort
    | "unique" -> ValueSome OrderFilters.unique
    | "min" -> ValueSome(OrderFilters.extreme name -1)
    | "max" -> ValueSome(OrderFilters.extreme name 1)
    | "sum" -> ValueSome OrderFilters.sum
    | "groupby" -> ValueSome OrderFilters.groupBy
    | "batch" -> ValueSome batch
    | "slice" -> ValueSome columns
    | "list" -> ValueSome toList
    | "items" -> ValueSome items
    | "attr" -> ValueSome attribute
    | "tojson" -> ValueSome toJson
    | "map" -> ValueSome(orEmpty (map tryFind))
    | "select" -> ValueSome(orEmpty (pick name true false))
    | "reject" -> ValueSome(orEmpty (pick name false false))
    | "selectattr" -> ValueSome(orEmpty (pick name true true))
    | "rejectattr" -> ValueSome(orEmpty (pick name false true))
    | _ -> TextFilters.tryFind name
