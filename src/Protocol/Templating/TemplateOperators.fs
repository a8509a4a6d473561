/// Arithmetic, iteration, attributes, subscripts and slices.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Operators

open System
open System.Collections.Generic

/// No single text or list may be longer.
let maxLength = 16_777_216L

let private concat (parts: string[]) = String.Concat parts

let private unsupported (symbol: string) (a: Value) (b: Value) : 'a =
    match a, b with
    | Value.Undefined why, _
    | _, Value.Undefined why -> Fault.raise why
    | _ ->
        Fault.raise (
            concat [|
                "unsupported operand type(s) for "
                symbol
                ": '"
                Value.typeName a
                "' and '"
                Value.typeName b
                "'"
            |]
        )

let private checkLength (work: Work) (length: int64) =
    if length > maxLength then
        Fault.raise "a value grows longer than is allowed"

    work.Charge length

let private arithmetic
    symbol
    (ints: int64 -> int64 -> Value)
    (floats: double -> double -> Value)
    (a: Value)
    (b: Value)
    =
    match Value.asInt a, Value.asInt b with
    | ValueSome a, ValueSome b -> ints a b
    | _ ->
        match Value.asFloat a, Value.asFloat b with
        | ValueSome a, ValueSome b -> floats a b
        | _ -> unsupported symbol a b

let add (work: Work) (a: Value) (b: Value) : Value =
    match a, b with
    | Value.Str a, Value.Str b ->
        checkLength work (int64 a.Length + int64 b.Length)
        Value.Str(a + b)
    | Value.List a, Value.List b ->
        checkLength work (8L * (int64 a.Count + int64 b.Count))
        Value.ofSeq (Seq.append a b)
    | Value.Tuple a, Value.Tuple b ->
        checkLength work (8L * (int64 a.Length + int64 b.Length))
        Value.Tuple(Array.append a b)
    | Value.Str _, other when
        (match other with
         | Value.Undefined _ -> false
         | _ -> true)
        ->
        Fault.raise ("can only concatenate str (not \"" + Value.typeName other + "\") to str")
    | _ -> arithmetic "+" (fun a b -> Value.Int(Checked.(+) a b)) (fun a b -> Value.Float(a + b)) a b

let subtract (a: Value) (b: Value) : Value =
    arithmetic "-" (fun a b -> Value.Int(Checked.(-) a b)) (fun a b -> Value.Float(a - b)) a b

let private repeat (work: Work) (times: int64) (value: Value) : Value =
    let times = max 0L times

    let check (length: int) =
        if length > 0 && times > maxLength / int64 length then
            checkLength work Int64.MaxValue

        checkLength work (8L * times * int64 length)

    match value with
    | Value.Str s ->
        check s.Length
        Value.Str(if s.Length = 0 then "" else String.replicate (int times) s)
    | Value.List items ->
        check items.Count

        Value.ofSeq (
            if items.Count = 0 then
                Seq.empty
            else
                Seq.collect (fun _ -> items) (seq { 1L .. times })
        )
    | Value.Tuple items ->
        check items.Length

        Value.Tuple(
            if items.Length = 0 then
                items
            else
                Array.concat (Seq.replicate (int times) items)
        )
    | other -> other

let multiply (work: Work) (a: Value) (b: Value) : Value =
    match a, b with
    | (Value.Str _ | Value.List _ | Value.Tuple _), (Value.Int _ | Value.Bool _) ->
        repeat work (ValueOption.get (Value.asInt b)) a
    | (Value.Int _ | Value.Bool _), (Value.Str _ | Value.List _ | Value.Tuple _) ->
        repeat work (ValueOption.get (Value.asInt a)) b
    | _ -> arithmetic "*" (fun a b -> Value.Int(Checked.(*) a b)) (fun a b -> Value.Float(a * b)) a b

let private divideByZero () : 'a = Fault.raise "division by zero"

let divide (a: Value) (b: Value) : Value =
    let floats a b =
        if b = 0.0 then divideByZero () else Value.Float(a / b)

    arithmetic "/" (fun a b -> floats (double a) (double b)) floats a b

let private floorMod (a: int64) (b: int64) =
    if b = -1L then
        0L
    else
        let rest = a % b

        if rest <> 0L && (rest < 0L) <> (b < 0L) then
            rest + b
        else
            rest

let private floorModFloat (a: double) (b: double) =
    let rest = a % b

    if rest <> 0.0 && (rest < 0.0) <> (b < 0.0) then
        rest + b
    else
        Math.CopySign(rest, (if rest = 0.0 then b else rest))

let floorDivide (a: Value) (b: Value) : Value =
    let ints (a: int64) (b: int64) =
        if b = 0L then divideByZero ()
        elif b = -1L then Value.Int(Checked.(~-) a)
        else Value.Int((a - floorMod a b) / b)

    let floats (a: double) (b: double) =
        if b = 0.0 then
            divideByZero ()
        else
            Value.Float(Math.Floor(a / b))

    arithmetic "//" ints floats a b

/// Numbers only; the remainder has the divisor's sign. A text on the left is formatted by the caller.
let modulo (a: Value) (b: Value) : Value =
    let ints (a: int64) (b: int64) =
        if b = 0L then divideByZero () else Value.Int(floorMod a b)

    let floats (a: double) (b: double) =
        if b = 0.0 then
            divideByZero ()
        else
            Value.Float(floorModFloat a b)

    arithmetic "%" ints floats a b

let power (a: Value) (b: Value) : Value =
    let rec whole (result: int64) (b: int64) (n: int64) =
        if n = 0L then
            result
        elif n = 1L then
            Checked.(*) result b
        elif n % 2L = 1L then
            whole (Checked.(*) result b) (Checked.(*) b b) (n / 2L)
        else
            whole result (Checked.(*) b b) (n / 2L)

    let floats (a: double) (b: double) =
        if a = 0.0 && b < 0.0 then
            divideByZero ()
        elif a < 0.0 && b <> Math.Floor b then
            Fault.raise "a root of a negative number is not real"
        else
            Value.Float(Math.Pow(a, b))

    let ints (a: int64) (b: int64) =
        if b < 0L then
            floats (double a) (double b)
        elif a = 0L || a = 1L then
            Value.Int(if b = 0L then 1L else a)
        elif a = -1L then
            Value.Int(if b % 2L = 0L then 1L else -1L)
        else
            Value.Int(whole 1L a b)

    arithmetic "**" ints floats a b

let negate (value: Value) : Value =
    match Value.asInt value, value with
    | ValueSome n, _ -> Value.Int(Checked.(~-) n)
    | _, Value.Float f -> Value.Float(-f)
    | _, Value.Undefined why -> Fault.raise why
    | _ -> Fault.raise ("bad operand type for unary -: '" + Value.typeName value + "'")

let plus (value: Value) : Value =
    match Value.asFloat value, value with
    | ValueSome _, Value.Bool b -> Value.ofInt (if b then 1 else 0)
    | ValueSome _, _ -> value
    | _, Value.Undefined why -> Fault.raise why
    | _ -> Fault.raise ("bad operand type for unary +: '" + Value.typeName value + "'")

/// What a `for` walks over.
let iterate (work: Work) (value: Value) : Value[] =
    let items =
        match value with
        | Value.List items -> items.ToArray()
        | Value.Tuple items -> items
        | Value.Str s -> Text.codePoints s |> Array.map Value.Str
        | Value.Dict dict -> dict.Items |> Array.map (fun (struct (key, _)) -> key)
        | Value.Iterator rest -> rest.TakeAll().ToArray()
        | Value.Undefined _ -> Array.empty
        | other -> Fault.raise ("'" + Value.typeName other + "' object is not iterable")

    work.Charge(8 * items.Length)
    items

/// Python's `len`.
let length (value: Value) : int =
    match value with
    | Value.Str s -> Text.length s
    | Value.List items -> items.Count
    | Value.Tuple items -> items.Length
    | Value.Dict dict -> dict.Count
    | Value.Undefined _ -> 0
    | other -> Fault.raise ("object of type '" + Value.typeName other + "' has no len()")

let private owner (value: Value) =
    match value with
    | Value.None -> "None"
    | Value.Namespace _ -> "jinja2.utils.Namespace object"
    | other -> Value.typeName other + " object"

let missingAttribute (value: Value) (name: string) : Value =
    Value.Undefined(concat [| "'"; owner value; "' has no attribute '"; name; "'" |])

let private missingItem (work: Work) (value: Value) (key: Value) : Value =
    match key with
    | Value.Str name -> missingAttribute value name
    | _ -> Value.Undefined(concat [| owner value; " has no element "; Print.quoted work key |])

/// What `value[key]` finds by itself; attributes are the caller's to try next.
let tryItem (value: Value) (key: Value) : Value voption =
    let at (items: IReadOnlyList<Value>) (index: int64) =
        let index = if index < 0L then index + int64 items.Count else index

        if index >= 0L && index < int64 items.Count then
            ValueSome items[int index]
        else
            ValueNone

    match value, key, Value.asInt key with
    | Value.Undefined why, _, _ -> Fault.raise why
    | Value.Dict dict, (Value.Str _ | Value.Int _ | Value.Float _ | Value.Bool _ | Value.None), _ -> dict.TryGet key
    | Value.List items, _, ValueSome index -> at items index
    | Value.Tuple items, _, ValueSome index -> at items index
    | Value.Str s, _, ValueSome index -> Text.tryItem s index |> ValueOption.map Value.Str
    | _ -> ValueNone

/// `value.name` for what is stored; methods are looked up elsewhere.
let tryField (value: Value) (name: string) : Value voption =
    match value with
    | Value.Undefined why -> Fault.raise why
    | Value.Dict dict -> dict.TryGet name
    | Value.Namespace fields ->
        match fields.TryGetValue name with
        | true, field -> ValueSome field
        | _ -> ValueNone
    | Value.Object(_, get) -> get name
    // What `groupby` returns answers to these two names.
    | Value.Tuple [| grouper; _ |] when name = "grouper" -> ValueSome grouper
    | Value.Tuple [| _; items |] when name = "list" -> ValueSome items
    | _ -> ValueNone

/// A subscript by value, as filters with `attribute=` use it: no methods.
let item (work: Work) (value: Value) (key: Value) : Value =
    match tryItem value key with
    | ValueSome found -> found
    | ValueNone ->
        match key with
        | Value.Str name -> ValueOption.defaultWith (fun () -> missingAttribute value name) (tryField value name)
        | _ -> missingItem work value key

let slice (work: Work) (value: Value) (first: Value) (last: Value) (step: Value) : Value =
    let bound (value: Value) =
        match value, Value.asInt value with
        | Value.None, _ -> ValueNone
        | _, ValueSome n -> ValueSome n
        | Value.Undefined why, _ -> Fault.raise why
        | _ -> Fault.raise "slice indices must be integers or None"

    let first, last = bound first, bound last
    let step = ValueOption.defaultValue 1L (bound step)

    if step = 0L then
        Fault.raise "slice step cannot be zero"

    let pick (items: IReadOnlyList<Value>) =
        let struct (start, count) = Text.sliceRange items.Count first last step
        work.Charge(8L * count)
        Array.init (int count) (fun i -> items[int (start + int64 i * step)])

    match value with
    | Value.Str s ->
        work.Charge s.Length
        Value.Str(Text.slice s first last step)
    | Value.List items -> Value.ofSeq (pick items)
    | Value.Tuple items -> Value.Tuple(pick items)
    | Value.Undefined why -> Fault.raise why
    | other -> Fault.raise ("'" + Value.typeName other + "' object cannot be sliced")
