/// Expressions to values.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Eval

open System

let private compare (work: Work) (op: CompareOperator) (a: Value) (b: Value) : bool =
    match op with
    | CompareOperator.Equal -> Compare.equal work a b
    | CompareOperator.NotEqual -> not (Compare.equal work a b)
    | CompareOperator.Less -> Compare.holds work (fun sign -> sign < 0) a b
    | CompareOperator.LessOrEqual -> Compare.holds work (fun sign -> sign <= 0) a b
    | CompareOperator.Greater -> Compare.holds work (fun sign -> sign > 0) a b
    | CompareOperator.GreaterOrEqual -> Compare.holds work (fun sign -> sign >= 0) a b
    | CompareOperator.In -> Compare.contains work b a
    | CompareOperator.NotIn -> not (Compare.contains work b a)

let private binary (work: Work) (op: BinaryOperator) (a: Value) (b: Value) : Value =
    match op, a with
    | BinaryOperator.Add, _ -> Operators.add work a b
    | BinaryOperator.Subtract, _ -> Operators.subtract a b
    | BinaryOperator.Multiply, _ -> Operators.multiply work a b
    | BinaryOperator.Divide, _ -> Operators.divide a b
    | BinaryOperator.FloorDivide, _ -> Operators.floorDivide a b
    | BinaryOperator.Modulo, Value.Str format -> Format.percent work format b
    | BinaryOperator.Modulo, _ -> Operators.modulo a b
    | BinaryOperator.Power, _ -> Operators.power a b

let private invoke (callee: Value) (args: CallArgs) : Value =
    match callee with
    | Value.Function(_, run) -> run args
    | Value.Undefined why -> Fault.raise why
    | other -> Fault.raise ("'" + Value.typeName other + "' object is not callable")

let private concat (work: Work) (parts: Value[]) : Value =
    let texts = parts |> Array.map (Print.text work)
    let length = texts |> Array.sumBy (fun text -> int64 text.Length)
    work.Charge length

    if length > Operators.maxLength then
        Fault.raise "a value grows longer than is allowed"

    Value.Str(String.Concat texts)

let rec expression (rendering: Rendering) (scope: Scope) (expr: Expr) : Value =
    rendering.Enter()
    let value = simple rendering scope expr
    rendering.Leave()
    value

and private simple (rendering: Rendering) (scope: Scope) (expr: Expr) : Value =
    let work = rendering.Work
    let value inner = expression rendering scope inner

    match expr with
    | Expr.Constant constant -> constant
    | Expr.Name name -> rendering.Find(scope, name)
    | Expr.Attribute(subject, name) -> Methods.attribute work (value subject) name
    | Expr.Subscript(subject, key) ->
        let subject = value subject
        Methods.subscript work subject (value key)
    | Expr.Slice(subject, first, last, step) ->
        let subject, first, last = value subject, value first, value last
        Operators.slice work subject first last (value step)
    | Expr.Call(callee, args) ->
        let callee = value callee
        invoke callee (arguments rendering scope args)
    | Expr.Filter(subject, call) -> filter rendering scope (value subject) call
    | Expr.Test(subject, call) -> test rendering scope (value subject) call
    | Expr.Negate inner -> Operators.negate (value inner)
    | Expr.Plus inner -> Operators.plus (value inner)
    | _ -> combined rendering scope expr

and private combined (rendering: Rendering) (scope: Scope) (expr: Expr) : Value =
    let work = rendering.Work
    let value inner = expression rendering scope inner

    match expr with
    | Expr.Not inner -> Value.ofBool (not (Value.truth (value inner)))
    | Expr.And(left, right) ->
        let left = value left
        if Value.truth left then value right else left
    | Expr.Or(left, right) ->
        let left = value left
        if Value.truth left then left else value right
    | Expr.Binary(op, left, right) ->
        let left = value left
        binary work op left (value right)
    | Expr.Concat parts -> concat work (Array.map value parts)
    | Expr.Compare(first, rest) -> Value.ofBool (chain rendering scope (value first) rest)
    | Expr.Conditional(test, result, otherwise) ->
        match Value.truth (value test), otherwise with
        | true, _ -> value result
        | false, ValueSome otherwise -> value otherwise
        | false, ValueNone ->
            Value.Undefined "the inline if-expression evaluated to false and no else section was defined."
    | Expr.List items -> Value.ofSeq (Array.map value items)
    | Expr.Tuple items -> Value.Tuple(Array.map value items)
    | Expr.Dict entries ->
        let dict = ValueDict()

        for struct (key, item) in entries do
            let key = value key
            dict.Set(key, value item)

        Value.Dict dict
    | other -> simple rendering scope other

/// `a < b < c` compares neighbours and stops at the first that fails.
and private chain
    (rendering: Rendering)
    (scope: Scope)
    (first: Value)
    (rest: struct (CompareOperator * Expr)[])
    : bool =
    let mutable left = first
    let mutable holds = true
    let mutable i = 0

    while holds && i < rest.Length do
        let struct (op, right) = rest[i]
        let right = expression rendering scope right
        holds <- compare rendering.Work op left right
        left <- right
        i <- i + 1

    holds

and arguments (rendering: Rendering) (scope: Scope) (call: CallExpr) : CallArgs =
    let value inner = expression rendering scope inner
    let positional = call.Positional |> Array.map value

    let named =
        call.Named
        |> Array.map (fun (struct (name, inner)) -> struct (name, value inner))

    let spread =
        match call.Spread with
        | ValueSome inner -> Operators.iterate rendering.Work (value inner)
        | ValueNone -> Array.empty

    let spreadNamed =
        match call.SpreadNamed |> ValueOption.map value with
        | ValueSome(Value.Dict dict) ->
            dict.Items
            |> Array.map (fun (struct (key, item)) -> struct (Print.text rendering.Work key, item))
        | ValueSome other -> Fault.raise ("argument after ** must be a mapping, not " + Value.typeName other)
        | ValueNone -> Array.empty

    {
        Positional =
            if spread.Length = 0 then
                positional
            else
                Array.append positional spread
        Named =
            if spreadNamed.Length = 0 then
                named
            else
                Array.append named spreadNamed
    }

and filter (rendering: Rendering) (scope: Scope) (subject: Value) (call: FilterCall) : Value =
    match call.Run with
    | ValueSome run -> run rendering.Work subject (arguments rendering scope call.Args)
    | ValueNone -> Fault.raise ("No filter named '" + call.Name + "' found.")

and private test (rendering: Rendering) (scope: Scope) (subject: Value) (call: TestCall) : Value =
    match call.Run with
    | ValueSome run -> Value.ofBool (run rendering.Work subject (arguments rendering scope call.Args))
    | ValueNone -> Fault.raise ("No test named '" + call.Name + "' found.")

/// Calls what an expression names, with one more named argument: how `caller` reaches a macro.
let callWith
    (rendering: Rendering)
    (scope: Scope)
    (callee: Expr)
    (call: CallExpr)
    (name: string)
    (extra: Value)
    : Value =
    let callee = expression rendering scope callee
    let args = arguments rendering scope call

    invoke callee {
        args with
            Named = Array.append args.Named [| struct (name, extra) |]
    }
