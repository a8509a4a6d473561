/// The tests of `is` and of `select`.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Tests

open System

type Test = Work -> Value -> CallArgs -> bool

let private plain (name: string) (test: Value -> bool) : Test voption =
    ValueSome(fun _ value args ->
        Args.bind name Array.empty args |> ignore
        test value)

let private against (name: string) (test: Work -> Value -> Value -> bool) : Test voption =
    ValueSome(fun work value args -> test work value ((Args.bind name [| "other" |] args).Need 0))

let private ordered (name: string) (test: int -> bool) : Test voption =
    against name (fun work a b -> Compare.holds work test a b)

let private isDefined (value: Value) =
    match value with
    | Value.Undefined _ -> false
    | _ -> true

let private isNumber (value: Value) =
    ValueOption.isSome (Value.asFloat value)

let private isString (value: Value) =
    match value with
    | Value.Str _ -> true
    | _ -> false

let private isInteger (value: Value) =
    match value with
    | Value.Int _ -> true
    | _ -> false

let private isFloat (value: Value) =
    match value with
    | Value.Float _ -> true
    | _ -> false

let private isBoolean (wanted: bool voption) (value: Value) =
    match value, wanted with
    | Value.Bool b, ValueSome wanted -> b = wanted
    | Value.Bool _, ValueNone -> true
    | _ -> false

let private isNone (value: Value) =
    match value with
    | Value.None -> true
    | _ -> false

let private isMapping (value: Value) =
    match value with
    | Value.Dict _ -> true
    | _ -> false

let private isSequence (value: Value) =
    match value with
    | Value.Str _
    | Value.List _
    | Value.Tuple _
    | Value.Dict _
    | Value.Undefined _ -> true
    | _ -> false

let private isIterable (value: Value) =
    match value with
    | Value.Iterator _ -> true
    | other -> isSequence other

let private isCallable (value: Value) =
    match value with
    // Jinja2's undefined can be called, if only to say that it is undefined.
    | Value.Function _
    | Value.Undefined _ -> true
    | _ -> false

let private remainder (value: Value) (by: Value) =
    match Operators.modulo value by with
    | Value.Int n -> double n
    | Value.Float f -> f
    | _ -> nan

let private cased (work: Work) (upper: bool) (value: Value) =
    let text = Print.text work value
    let has = Seq.exists (if upper then Char.IsUpper else Char.IsLower) text
    has && not (Seq.exists (if upper then Char.IsLower else Char.IsUpper) text)

/// Identity for what has one; constants and numbers are themselves when equal and of one type.
let private sameAs (work: Work) (a: Value) (b: Value) =
    match a, b with
    | Value.List a, Value.List b -> obj.ReferenceEquals(a, b)
    | Value.Dict a, Value.Dict b -> obj.ReferenceEquals(a, b)
    | Value.Tuple a, Value.Tuple b -> obj.ReferenceEquals(a, b)
    | _ -> Value.typeName a = Value.typeName b && Compare.equal work a b

let private kinds (name: string) : Test voption =
    match name with
    | "defined" -> plain name isDefined
    | "undefined" -> plain name (isDefined >> not)
    | "none" -> plain name isNone
    | "boolean" -> plain name (isBoolean ValueNone)
    | "true" -> plain name (isBoolean (ValueSome true))
    | "false" -> plain name (isBoolean (ValueSome false))
    | "string" -> plain name isString
    | "number" -> plain name isNumber
    | "integer" -> plain name isInteger
    | "float" -> plain name isFloat
    | "mapping" -> plain name isMapping
    | "sequence" -> plain name isSequence
    | "iterable" -> plain name isIterable
    | "callable" -> plain name isCallable
    | "escaped" -> plain name (fun _ -> false)
    | _ -> ValueNone

let private relations (name: string) : Test voption =
    match name with
    | "eq"
    | "equalto"
    | "==" -> against name Compare.equal
    | "ne"
    | "!=" -> against name (fun work a b -> not (Compare.equal work a b))
    | "lt"
    | "lessthan"
    | "<" -> ordered name (fun sign -> sign < 0)
    | "le"
    | "<=" -> ordered name (fun sign -> sign <= 0)
    | "gt"
    | "greaterthan"
    | ">" -> ordered name (fun sign -> sign > 0)
    | "ge"
    | ">=" -> ordered name (fun sign -> sign >= 0)
    | "in" -> against name (fun work value container -> Compare.contains work container value)
    | "sameas" -> against name sameAs
    | "divisibleby" -> against name (fun _ value by -> remainder value by = 0.0)
    | "even" -> plain name (fun value -> remainder value (Value.Int 2L) = 0.0)
    | "odd" -> plain name (fun value -> remainder value (Value.Int 2L) = 1.0)
    | "upper" -> ValueSome(fun work value _ -> cased work true value)
    | "lower" -> ValueSome(fun work value _ -> cased work false value)
    | _ -> ValueNone

let tryFind (name: string) : Test voption =
    kinds name |> ValueOption.orElseWith (fun () -> relations name)
