namespace StreamCore.Protocol.Templating

open System
open System.Collections.Generic

/// Why compiling or rendering stopped. Thrown only inside this folder; <c>ChatTemplate</c> turns it into an error text.
[<Sealed>]
type internal TemplateFault(message: string, fromTemplate: bool) =
    inherit Exception(message)

    /// The template refused the conversation itself, by `raise_exception`.
    member _.FromTemplate = fromTemplate

[<RequireQualifiedAccess>]
module internal Fault =
    let raise (message: string) : 'a = raise (TemplateFault(message, false))

    let fromTemplate (message: string) : 'a =
        Operators.raise (TemplateFault(message, true))

/// What a rendering may still spend. A unit is about one character copied; a node evaluated costs sixteen.
[<Sealed>]
type internal Work(limit: int64) =
    let mutable left = limit

    member _.Charge(units: int64) =
        left <- left - units

        if left < 0L then
            Fault.raise "the template does more work than is allowed"

    member work.Charge(units: int) = work.Charge(int64 units)

/// Dictionary keys compare as in Python: 1, 1.0 and True are one key.
[<RequireQualifiedAccess; CustomEquality; NoComparison>]
type internal Key =
    | None
    | Number of double
    | Large of int64
    | Text of string

    override key.Equals(other: obj) =
        match other with
        | :? Key as other ->
            match key, other with
            | Key.None, Key.None -> true
            | Key.Number a, Key.Number b -> a.Equals b
            | Key.Large a, Key.Large b -> a = b
            | Key.Text a, Key.Text b -> String.Equals(a, b)
            | _ -> false
        | _ -> false

    override key.GetHashCode() =
        match key with
        | Key.None -> 0
        | Key.Number n -> n.GetHashCode()
        | Key.Large n -> n.GetHashCode()
        | Key.Text s -> s.GetHashCode()

/// Arguments of a call, in the order written.
[<NoComparison; NoEquality>]
type internal CallArgs = {
    Positional: Value[]
    Named: struct (string * Value)[]
}

/// A value of the template language. Lists and dictionaries are mutable, as `append` and `update` need.
and [<RequireQualifiedAccess; NoComparison; NoEquality>] internal Value =
    | Undefined of Why: string
    | None
    | Bool of bool
    | Int of int64
    | Float of double
    | Str of string
    | List of ResizeArray<Value>
    | Tuple of Value[]
    | Dict of ValueDict
    | Namespace of Dictionary<string, Value>
    | Iterator of OnePass
    | Function of Name: string * Invoke: (CallArgs -> Value)
    /// Something with attributes computed on demand, such as `loop`.
    | Object of TypeName: string * Get: (string -> Value voption)

/// What `map`, `select` and their kin return: always true, without a length, empty after one reading.
and [<Sealed>] internal OnePass(items: seq<Value>) =
    let mutable rest = Queue<Value>(items)

    member _.TakeOne() =
        match rest.TryDequeue() with
        | true, item -> ValueSome item
        | _ -> ValueNone

    member _.TakeAll() =
        let all = ResizeArray<Value>(rest)
        rest <- Queue<Value>()
        all

/// Keeps insertion order, and the keys as first written.
and [<Sealed>] internal ValueDict() =
    let entries = OrderedDictionary<Key, struct (Value * Value)>()

    let find (id: Key) : struct (Value * Value) voption =
        let mutable entry = Unchecked.defaultof<struct (Value * Value)>

        if entries.TryGetValue(id, &entry) then
            ValueSome entry
        else
            ValueNone

    let valueOf (struct (_, value): struct (Value * Value)) = value

    static member KeyOf(value: Value) : Key =
        match value with
        | Value.None -> Key.None
        | Value.Bool b -> Key.Number(if b then 1.0 else 0.0)
        // Beyond 53 bits a double no longer tells neighbours apart.
        | Value.Int n when n > (1L <<< 53) || n < -(1L <<< 53) -> Key.Large n
        | Value.Int n -> Key.Number(double n)
        | Value.Float f -> Key.Number(if f = 0.0 then 0.0 else f)
        | Value.Str s -> Key.Text s
        | _ -> Fault.raise "a dictionary key must be a string, a number, a boolean or none"

    member _.Count = entries.Count

    /// What Python could hash but we never store is simply not there; what it could not is a fault.
    member _.TryGet(key: Value) : Value voption =
        match key with
        | Value.Undefined _
        | Value.Tuple _ -> ValueNone
        | _ -> find (ValueDict.KeyOf key) |> ValueOption.map valueOf

    member dict.Has(key: Value) = ValueOption.isSome (dict.TryGet key)

    member _.TryGet(key: string) : Value voption =
        find (Key.Text key) |> ValueOption.map valueOf

    member _.Set(key: Value, value: Value) =
        let id = ValueDict.KeyOf key

        match find id with
        | ValueSome(struct (first, _)) -> entries[id] <- struct (first, value)
        | ValueNone -> entries[id] <- struct (key, value)

    member dict.Set(key: string, value: Value) = dict.Set(Value.Str key, value)
    member _.Remove(key: Value) = entries.Remove(ValueDict.KeyOf key)
    member _.Clear() = entries.Clear()

    /// A copy, so that a loop may change the dictionary it walks.
    member _.Items: struct (Value * Value)[] = Seq.toArray entries.Values

[<RequireQualifiedAccess>]
module internal Value =
    let True = Value.Bool true
    let False = Value.Bool false
    let Empty = Value.Str ""

    let ofBool (b: bool) = if b then True else False
    let ofInt (n: int) = Value.Int(int64 n)

    let ofSeq (items: seq<Value>) = Value.List(ResizeArray<Value> items)

    let pair (struct (key, value)) = Value.Tuple [| key; value |]

    /// The name Python gives the type, as its error texts do.
    let typeName (value: Value) =
        match value with
        | Value.Undefined _ -> "Undefined"
        | Value.None -> "NoneType"
        | Value.Bool _ -> "bool"
        | Value.Int _ -> "int"
        | Value.Float _ -> "float"
        | Value.Str _ -> "str"
        | Value.List _ -> "list"
        | Value.Tuple _ -> "tuple"
        | Value.Dict _ -> "dict"
        | Value.Namespace _ -> "Namespace"
        | Value.Iterator _ -> "generator"
        | Value.Function _ -> "function"
        | Value.Object(name, _) -> name

    let truth (value: Value) =
        match value with
        | Value.Undefined _
        | Value.None -> false
        | Value.Bool b -> b
        | Value.Int n -> n <> 0L
        | Value.Float f -> f <> 0.0
        | Value.Str s -> s.Length > 0
        | Value.List items -> items.Count > 0
        | Value.Tuple items -> items.Length > 0
        | Value.Dict dict -> dict.Count > 0
        | _ -> true

    /// Bool, int and float as Python's arithmetic sees them.
    let asInt (value: Value) =
        match value with
        | Value.Bool b -> ValueSome(if b then 1L else 0L)
        | Value.Int n -> ValueSome n
        | _ -> ValueNone

    let asFloat (value: Value) =
        match value with
        | Value.Float f -> ValueSome f
        | Value.Int n -> ValueSome(double n)
        | Value.Bool b -> ValueSome(if b then 1.0 else 0.0)
        | _ -> ValueNone
