/// Methods of lists, tuples and dictionaries, and the one lookup for all methods.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Methods

open System
open System.Collections.Generic

let private indexOf (work: Work) (items: IReadOnlyList<Value>) (wanted: Value) : int =
    let mutable i = 0

    while i < items.Count && not (Compare.equal work items[i] wanted) do
        i <- i + 1

    if i < items.Count then i else -1

let private index (work: Work) (items: IReadOnlyList<Value>) (args: CallArgs) : Value =
    match indexOf work items ((Args.bind "index" [| "value" |] args).Need 0) with
    | -1 -> Fault.raise "the value is not in the list"
    | at -> Value.ofInt at

let private count (work: Work) (items: seq<Value>) (args: CallArgs) : Value =
    let wanted = (Args.bind "count" [| "value" |] args).Need 0
    Value.ofInt (Seq.length (Seq.filter (Compare.equal work wanted) items))

let private pop (items: ResizeArray<Value>) (args: CallArgs) : Value =
    let at = (Args.bind "pop" [| "index" |] args).Int(0, -1L)
    let at = if at < 0L then at + int64 items.Count else at

    if at < 0L || at >= int64 items.Count then
        Fault.raise "pop index out of range"

    let item = items[int at]
    items.RemoveAt(int at)
    item

let private insert (items: ResizeArray<Value>) (args: CallArgs) : Value =
    let bound = Args.bind "insert" [| "index"; "value" |] args
    let at = bound.Int(0, 0L)
    let at = if at < 0L then at + int64 items.Count else at
    items.Insert(int (max 0L (min (int64 items.Count) at)), bound.Need 1)
    Value.None

let private remove (work: Work) (items: ResizeArray<Value>) (args: CallArgs) : Value =
    match indexOf work items ((Args.bind "remove" [| "value" |] args).Need 0) with
    | -1 -> Fault.raise "the value is not in the list"
    | at ->
        items.RemoveAt at
        Value.None

let private sort (work: Work) (items: ResizeArray<Value>) (args: CallArgs) : Value =
    let descending = (Args.bind "sort" [| "reverse" |] args).Flag(0, false)
    let sorted = Compare.sortBy work descending id (items.ToArray())
    items.Clear()
    items.AddRange sorted
    Value.None

let private grow (work: Work) (items: ResizeArray<Value>) (added: Value[]) : Value =
    work.Charge(16 * added.Length)
    items.AddRange added
    Value.None

let private ofList (work: Work) (items: ResizeArray<Value>) (name: string) : (CallArgs -> Value) voption =
    match name with
    | "append" -> ValueSome(fun args -> grow work items [| (Args.bind name [| "value" |] args).Need 0 |])
    | "extend" ->
        ValueSome(fun args -> grow work items (Operators.iterate work ((Args.bind name [| "items" |] args).Need 0)))
    | "insert" -> ValueSome(insert items)
    | "pop" -> ValueSome(pop items)
    | "remove" -> ValueSome(remove work items)
    | "sort" -> ValueSome(sort work items)
    | "index" -> ValueSome(index work items)
    | "count" -> ValueSome(count work items)
    | "copy" -> ValueSome(fun _ -> Value.ofSeq items)
    | "clear" ->
        ValueSome(fun _ ->
            items.Clear()
            Value.None)
    | "reverse" ->
        ValueSome(fun _ ->
            items.Reverse()
            Value.None)
    | _ -> ValueNone

let private ofTuple (work: Work) (items: Value[]) (name: string) : (CallArgs -> Value) voption =
    match name with
    | "index" -> ValueSome(index work items)
    | "count" -> ValueSome(count work items)
    | _ -> ValueNone

/// Adds the entries of a dictionary or of pairs, then the named arguments.
let fill (work: Work) (dict: ValueDict) (callee: string) (args: CallArgs) : unit =
    if args.Positional.Length > 1 then
        Fault.raise (callee + "() has too many arguments")

    for source in args.Positional do
        match source with
        | Value.Dict other ->
            work.Charge(16 * other.Count)

            for struct (key, value) in other.Items do
                dict.Set(key, value)
        | pairs ->
            for pair in Operators.iterate work pairs do
                match Operators.iterate work pair with
                | [| key; value |] -> dict.Set(key, value)
                | _ -> Fault.raise (callee + "() needs pairs of key and value")

    for struct (name, value) in args.Named do
        dict.Set(name, value)

let private get (dict: ValueDict) (args: CallArgs) : Value =
    let bound = Args.bind "get" [| "key"; "default" |] args
    ValueOption.defaultValue (bound.Or(1, Value.None)) (dict.TryGet(bound.Need 0))

let private take (dict: ValueDict) (args: CallArgs) : Value =
    let bound = Args.bind "pop" [| "key"; "default" |] args
    let key = bound.Need 0

    match dict.TryGet key, bound.At 1 with
    | ValueSome value, _ ->
        dict.Remove key |> ignore
        value
    | ValueNone, ValueSome fallback -> fallback
    | ValueNone, ValueNone -> Fault.raise "pop(): the key is not in the dictionary"

let private setDefault (dict: ValueDict) (args: CallArgs) : Value =
    let bound = Args.bind "setdefault" [| "key"; "default" |] args
    let key = bound.Need 0

    match dict.TryGet key with
    | ValueSome value -> value
    | ValueNone ->
        let value = bound.Or(1, Value.None)
        dict.Set(key, value)
        value

let private ofDict (work: Work) (dict: ValueDict) (name: string) : (CallArgs -> Value) voption =
    let listed (pick: struct (Value * Value) -> Value) =
        ValueSome(fun args ->
            Args.bind name Array.empty args |> ignore
            work.Charge(16 * dict.Count)
            Value.ofSeq (Seq.map pick dict.Items))

    match name with
    | "get" -> ValueSome(get dict)
    | "items" -> listed Value.pair
    | "keys" -> listed (fun (struct (key, _)) -> key)
    | "values" -> listed (fun (struct (_, value)) -> value)
    | "pop" -> ValueSome(take dict)
    | "setdefault" -> ValueSome(setDefault dict)
    | "update" ->
        ValueSome(fun args ->
            fill work dict name args
            Value.None)
    | "copy" ->
        ValueSome(fun _ ->
            let copy = ValueDict()
            fill work copy name (Args.positional [| Value.Dict dict |])
            Value.Dict copy)
    | "clear" ->
        ValueSome(fun _ ->
            dict.Clear()
            Value.None)
    | _ -> ValueNone

let tryFind (work: Work) (self: Value) (name: string) : Value voption =
    let found =
        match self with
        | Value.Str s -> StringMethods.tryFind work s name
        | Value.List items -> ofList work items name
        | Value.Tuple items -> ofTuple work items name
        | Value.Dict dict -> ofDict work dict name
        | _ -> ValueNone

    found |> ValueOption.map (fun invoke -> Value.Function(name, invoke))

/// `value.name`: a method first, then what is stored under the name.
let attribute (work: Work) (self: Value) (name: string) : Value =
    match self with
    | Value.Undefined why -> Fault.raise why
    | _ ->
        match tryFind work self name with
        | ValueSome found -> found
        | ValueNone ->
            match Operators.tryField self name with
            | ValueSome found -> found
            | ValueNone -> Operators.missingAttribute self name

/// `value[key]`: what is stored first, then a method of that name.
let subscript (work: Work) (self: Value) (key: Value) : Value =
    match Operators.tryItem self key, key with
    | ValueSome found, _ -> found
    | ValueNone, Value.Str name ->
        match tryFind work self name with
        | ValueSome found -> found
        | ValueNone -> Operators.item work self key
    | ValueNone, _ -> Operators.item work self key
