/// Filters that order, group or fold, and the keys they go by.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.OrderFilters

open System

type Filter = TextFilters.Filter

let iterator (items: seq<Value>) : Value = Value.Iterator(OnePass items)

/// Texts compare without case unless asked otherwise.
let ignoringCase (caseSensitive: bool) (value: Value) : Value =
    match value with
    | Value.Str s when not caseSensitive -> Value.Str(s.ToLowerInvariant())
    | other -> other

/// The value at a dotted path such as `function.name` or `0.id`.
let atPath (work: Work) (path: Value) : Value -> Value =
    let step (part: string) =
        match Int64.TryParse part with
        | true, n -> Value.Int n
        | _ -> Value.Str part

    match path with
    | Value.Str path ->
        let keys = path.Split '.' |> Array.map step
        fun value -> Array.fold (Operators.item work) value keys
    | other -> fun value -> Operators.item work value other

let keyOf (work: Work) (attribute: Value voption) (caseSensitive: bool) : Value -> Value =
    match attribute with
    | ValueNone
    | ValueSome Value.None -> ignoringCase caseSensitive
    | ValueSome path -> atPath work path >> ignoringCase caseSensitive

let orDefault (fallback: Value voption) (value: Value) : Value =
    match value, fallback with
    | Value.Undefined _, ValueSome fallback -> fallback
    | _ -> value

let sort: Filter =
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

let dictSort: Filter =
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

        match id with
        | Value.List _
        | Value.Dict _ -> Fault.raise ("unhashable type: '" + Value.typeName id + "'")
        | _ -> ()

        let fresh = not (seen.Exists(fun other -> Compare.equal work other id))

        if fresh then
            seen.Add id

        fresh)

let unique: Filter =
    fun work value args ->
        let bound = Args.bind "unique" [| "case_sensitive"; "attribute" |] args
        iterator (uniqueBy work (keyOf work (bound.At 1) (bound.Flag(0, false))) (Operators.iterate work value))

let extreme (name: string) (sign: int) : Filter =
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

let sum: Filter =
    fun work value args ->
        let bound = Args.bind "sum" [| "attribute"; "start" |] args

        let pick =
            match bound.At 0 with
            | ValueNone
            | ValueSome Value.None -> id
            | ValueSome path -> atPath work path

        Operators.iterate work value
        |> Array.fold (fun total item -> Operators.add work total (pick item)) (bound.Or(1, Value.Int 0L))

let groupBy: Filter =
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
