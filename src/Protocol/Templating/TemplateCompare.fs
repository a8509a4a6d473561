/// Equality, order and membership as Python has them.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Compare

open System
open System.Collections.Generic

/// Deeper values are refused: a list may have been appended to itself.
let private maxDepth = 100

let private numbers (a: Value) (b: Value) : struct (double * double) voption =
    match Value.asFloat a, Value.asFloat b with
    | ValueSome a, ValueSome b -> ValueSome(struct (a, b))
    | _ -> ValueNone

let private compareNumbers (a: Value) (b: Value) : int voption =
    match Value.asInt a, Value.asInt b with
    | ValueSome a, ValueSome b -> ValueSome(compare a b)
    | _ -> numbers a b |> ValueOption.map (fun (struct (a, b)) -> a.CompareTo b)

let private items (value: Value) : IReadOnlyList<Value> voption =
    match value with
    | Value.List items -> ValueSome items
    | Value.Tuple items -> ValueSome items
    | _ -> ValueNone

let rec private same (work: Work) (depth: int) (a: Value) (b: Value) : bool =
    work.Charge 16

    if depth > maxDepth then
        Fault.raise "values nested too deeply to be compared"

    match a, b with
    | Value.None, Value.None
    | Value.Undefined _, Value.Undefined _ -> true
    | Value.Str a, Value.Str b -> String.Equals(a, b)
    | Value.List a, Value.List b -> sameItems work depth a b
    | Value.Tuple a, Value.Tuple b -> sameItems work depth a b
    | Value.Dict a, Value.Dict b -> sameEntries work depth a b
    | Value.Namespace a, Value.Namespace b -> obj.ReferenceEquals(a, b)
    | Value.Iterator a, Value.Iterator b -> obj.ReferenceEquals(a, b)
    | Value.Function _, Value.Function _
    | Value.Object _, Value.Object _ -> obj.ReferenceEquals(a, b)
    | _ ->
        match Value.asInt a, Value.asInt b with
        | ValueSome a, ValueSome b -> a = b
        | _ ->
            match numbers a b with
            | ValueSome(struct (a, b)) -> a = b
            | ValueNone -> false

and private sameItems work depth (a: IReadOnlyList<Value>) (b: IReadOnlyList<Value>) =
    let mutable equal = a.Count = b.Count
    let mutable i = 0

    while equal && i < a.Count do
        equal <- same work (depth + 1) a[i] b[i]
        i <- i + 1

    equal

and private sameEntries work depth (a: ValueDict) (b: ValueDict) =
    a.Count = b.Count
    && a.Items
       |> Array.forall (fun (struct (key, value)) ->
           match b.TryGet key with
           | ValueSome other -> same work (depth + 1) value other
           | ValueNone -> false)

let equal (work: Work) (a: Value) (b: Value) : bool = same work 0 a b

let private unordered (a: Value) (b: Value) : 'a =
    match a, b with
    | Value.Undefined why, _
    | _, Value.Undefined why -> Fault.raise why
    | _ ->
        Fault.raise (
            String.Concat(
                "'<' not supported between instances of '",
                Value.typeName a + "' and '" + Value.typeName b,
                "'"
            )
        )

let rec private orderAt (work: Work) (depth: int) (a: Value) (b: Value) : int =
    work.Charge 16

    if depth > maxDepth then
        Fault.raise "values nested too deeply to be compared"

    match a, b with
    | Value.Str a, Value.Str b -> String.CompareOrdinal(a, b)
    | Value.List _, Value.List _
    | Value.Tuple _, Value.Tuple _ -> orderItems work depth (ValueOption.get (items a)) (ValueOption.get (items b))
    | _ ->
        match compareNumbers a b with
        | ValueSome order -> order
        | ValueNone -> unordered a b

and private orderItems work depth (a: IReadOnlyList<Value>) (b: IReadOnlyList<Value>) =
    let mutable i = 0

    while i < a.Count && i < b.Count && same work (depth + 1) a[i] b[i] do
        i <- i + 1

    if i < a.Count && i < b.Count then
        orderAt work (depth + 1) a[i] b[i]
    else
        compare a.Count b.Count

/// Negative, zero or positive; a fault where Python has no order.
let order (work: Work) (a: Value) (b: Value) : int = orderAt work 0 a b

/// NaN is neither below nor above anything, so the four orders are asked one by one.
let private isNaN (value: Value) =
    match value with
    | Value.Float f -> Double.IsNaN f
    | _ -> false

let holds (work: Work) (test: int -> bool) (a: Value) (b: Value) : bool =
    let sign = order work a b
    not (isNaN a || isNaN b) && test sign

let private merge (compare: 'a -> 'a -> int) (left: 'a[]) (right: 'a[]) : 'a[] =
    let result = ResizeArray<'a>(left.Length + right.Length)
    let mutable l = 0
    let mutable r = 0

    while l < left.Length || r < right.Length do
        if r >= right.Length || (l < left.Length && compare left[l] right[r] <= 0) then
            result.Add left[l]
            l <- l + 1
        else
            result.Add right[r]
            r <- r + 1

    result.ToArray()

/// Stable, and a fault raised by the comparison passes through unwrapped, which the library's sorts do not promise.
let rec stableSort (compare: 'a -> 'a -> int) (items: 'a[]) : 'a[] =
    if items.Length < 2 then
        items
    else
        let half = items.Length / 2
        merge compare (stableSort compare items[.. half - 1]) (stableSort compare items[half..])

/// Sorts by a key worked out once for each item; descending order keeps equal items in place too, as Python does.
let sortBy (work: Work) (descending: bool) (key: Value -> Value) (items: Value[]) : Value[] =
    let sign = if descending then -1 else 1

    items
    |> Array.map (fun item -> struct (key item, item))
    |> stableSort (fun (struct (a, _)) (struct (b, _)) -> sign * Math.Sign(order work a b))
    |> Array.map (fun (struct (_, item)) -> item)

let private notIterable (value: Value) : 'a =
    Fault.raise ("argument of type '" + Value.typeName value + "' is not iterable")

/// `item in container`.
let contains (work: Work) (container: Value) (item: Value) : bool =
    match container, item with
    | Value.Str text, Value.Str part ->
        work.Charge text.Length
        text.Contains(part, StringComparison.Ordinal)
    | Value.Str _, Value.Undefined why -> Fault.raise why
    | Value.Str _, _ -> Fault.raise ("'in <string>' requires string as left operand, not " + Value.typeName item)
    | Value.Dict dict, _ -> dict.Has item
    | Value.List items, _ -> items.Exists(fun other -> equal work other item)
    | Value.Tuple items, _ -> Array.exists (fun other -> equal work other item) items
    | Value.Iterator rest, _ -> rest.TakeAll().Exists(fun other -> equal work other item)
    | Value.Undefined _, _ -> false
    | _ -> notIterable container
