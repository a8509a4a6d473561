/// Expressions, by Jinja2's precedence: `if else`, or, and, not, comparisons, + -, ~, * / // %, **, sign, postfix, filters.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.ExpressionParse

let rec expression (stream: TokenStream) : Expr =
    stream.Nested(fun () ->
        let rec conditions (value: Expr) =
            if stream.SkipName "if" then
                let test = disjunction stream

                let otherwise =
                    if stream.SkipName "else" then
                        ValueSome(expression stream)
                    else
                        ValueNone

                conditions (Expr.Conditional(test, value, otherwise))
            else
                value

        conditions (disjunction stream))

/// An expression without a trailing `if`, as in `for x in xs if x`.
and disjunction (stream: TokenStream) : Expr =
    let rec go (left: Expr) =
        if stream.SkipName "or" then
            go (Expr.Or(left, conjunction stream))
        else
            left

    go (conjunction stream)

and private conjunction (stream: TokenStream) : Expr =
    let rec go (left: Expr) =
        if stream.SkipName "and" then
            go (Expr.And(left, negation stream))
        else
            left

    go (negation stream)

and private negation (stream: TokenStream) : Expr =
    if stream.SkipName "not" then
        Expr.Not(stream.Nested(fun () -> negation stream))
    else
        compared stream

and private compared (stream: TokenStream) : Expr =
    let first = sum stream

    let rec go (rest: struct (CompareOperator * Expr) list) =
        match ExpressionParts.comparison stream with
        | ValueSome op -> go (struct (op, sum stream) :: rest)
        | ValueNone -> List.rev rest

    match go [] with
    | [] -> first
    | rest -> Expr.Compare(first, Array.ofList rest)

and private sum (stream: TokenStream) : Expr =
    ExpressionParts.leftToRight concatenation [ "+", BinaryOperator.Add; "-", BinaryOperator.Subtract ] stream

and private concatenation (stream: TokenStream) : Expr =
    let first = product stream

    if stream.IsOperator "~" then
        let parts = ResizeArray<Expr> [ first ]

        while stream.Skip "~" do
            parts.Add(product stream)

        Expr.Concat(parts.ToArray())
    else
        first

and private product (stream: TokenStream) : Expr =
    let operators = [
        "*", BinaryOperator.Multiply
        "/", BinaryOperator.Divide
        "//", BinaryOperator.FloorDivide
        "%", BinaryOperator.Modulo
    ]

    ExpressionParts.leftToRight power operators stream

and private power (stream: TokenStream) : Expr =
    ExpressionParts.leftToRight (signed true) [ "**", BinaryOperator.Power ] stream

/// A sign binds tighter than a filter: `-1|abs` is `(-1)|abs`.
and private signed (filtered: bool) (stream: TokenStream) : Expr =
    let value =
        if stream.Skip "-" then
            Expr.Negate(stream.Nested(fun () -> signed false stream))
        elif stream.Skip "+" then
            Expr.Plus(stream.Nested(fun () -> signed false stream))
        else
            primary stream

    let value = postfix stream value
    if filtered then filters stream value else value

and private primary (stream: TokenStream) : Expr =
    let token = stream.Current

    match token.Kind, token.Text with
    | TokenKind.Name, text ->
        stream.Next() |> ignore
        ExpressionParts.name stream text
    | TokenKind.Text, _ -> ExpressionParts.adjacentTexts stream
    | (TokenKind.Integer | TokenKind.Float), _ -> ExpressionParts.number (stream.Next())
    | TokenKind.Operator, "(" ->
        stream.Next() |> ignore
        let inner = tuple stream true true
        stream.Expect ")"
        inner
    | TokenKind.Operator, "[" ->
        stream.Next() |> ignore
        Expr.List(ExpressionParts.listed stream "]" (fun () -> expression stream))
    | TokenKind.Operator, "{" ->
        stream.Next() |> ignore
        Expr.Dict(ExpressionParts.listed stream "}" (fun () -> entry stream))
    | _ -> stream.Unexpected "an expression"

and private entry (stream: TokenStream) : struct (Expr * Expr) =
    let key = expression stream
    stream.Expect ":"
    struct (key, expression stream)

/// One expression, or several with commas between. Empty only within parentheses.
and tuple (stream: TokenStream) (conditional: bool) (parenthesized: bool) : Expr =
    let item () =
        if conditional then
            expression stream
        else
            disjunction stream

    if parenthesized && ExpressionParts.isTupleEnd stream then
        Expr.Tuple Array.empty
    else
        let first = item ()

        if not (stream.IsOperator ",") then
            first
        else
            let items = ResizeArray<Expr> [ first ]

            while stream.Skip "," && not (ExpressionParts.isTupleEnd stream) do
                items.Add(item ())

            Expr.Tuple(items.ToArray())

and private postfix (stream: TokenStream) (value: Expr) : Expr =
    if stream.Skip "." then
        match stream.Current.Kind with
        | TokenKind.Name -> postfix stream (Expr.Attribute(value, stream.Next().Text))
        | TokenKind.Integer -> postfix stream (Expr.Subscript(value, ExpressionParts.number (stream.Next())))
        | _ -> stream.Unexpected "a name or a number"
    elif stream.Skip "[" then
        let subscripted = subscript stream value
        stream.Expect "]"
        postfix stream subscripted
    elif stream.IsOperator "(" then
        postfix stream (Expr.Call(value, arguments stream))
    else
        value

and private subscript (stream: TokenStream) (subject: Expr) : Expr =
    let part () =
        if stream.IsOperator ":" || stream.IsOperator "]" then
            ExpressionParts.none
        else
            expression stream

    if stream.IsOperator "]" then
        stream.Unexpected "a subscript"

    let first = part ()

    if stream.Skip ":" then
        let last = part ()
        let step = if stream.Skip ":" then part () else ExpressionParts.none
        Expr.Slice(subject, first, last, step)
    else
        Expr.Subscript(subject, first)

/// The arguments of a call, from its opening parenthesis.
and arguments (stream: TokenStream) : CallExpr =
    let line = stream.Line
    let positional = ResizeArray<Expr>()
    let named = ResizeArray<struct (string * Expr)>()
    let mutable spread = ValueNone
    let mutable spreadNamed = ValueNone
    stream.Expect "("

    ExpressionParts.listed stream ")" (fun () ->
        let later = spread.IsSome || spreadNamed.IsSome

        if stream.Skip "**" then
            spreadNamed <- ValueSome(expression stream)
        elif stream.Skip "*" then
            spread <- ValueSome(expression stream)
        elif
            stream.Current.Kind = TokenKind.Name
            && stream.Ahead.Kind = TokenKind.Operator
            && stream.Ahead.Text = "="
        then
            let name = stream.ExpectName()
            stream.Expect "="
            named.Add(struct (name, expression stream))
        elif later || named.Count > 0 then
            Fault.raise "an argument without a name follows one with a name"
        else
            positional.Add(expression stream))
    |> ignore

    {
        Positional = positional.ToArray()
        Named = named.ToArray()
        Spread = spread
        SpreadNamed = spreadNamed
        Line = line
    }

and private optionalArguments (stream: TokenStream) : CallExpr =
    if stream.IsOperator "(" then
        arguments stream
    else
        {
            Positional = Array.empty
            Named = Array.empty
            Spread = ValueNone
            SpreadNamed = ValueNone
            Line = stream.Line
        }

/// A filter's name and arguments, from after the bar.
and filterCall (stream: TokenStream) : FilterCall =
    let line = stream.Line
    let name = stream.ExpectName()
    let run = Filters.tryFind name

    if run.IsNone && stream.Conditions = 0 then
        Fault.raise ("No filter named '" + name + "'.")

    {
        Name = name
        Run = run
        Args = {
            optionalArguments stream with
                Line = line
        }
    }

and private filters (stream: TokenStream) (value: Expr) : Expr =
    if stream.Skip "|" then
        filters stream (Expr.Filter(value, filterCall stream))
    elif stream.SkipName "is" then
        filters stream (test stream value)
    elif stream.IsOperator "(" then
        filters stream (Expr.Call(value, arguments stream))
    else
        value

and private test (stream: TokenStream) (value: Expr) : Expr =
    let negated = stream.SkipName "not"
    let line = stream.Line
    let name = stream.ExpectName()
    let run = Tests.tryFind name

    if run.IsNone && stream.Conditions = 0 then
        Fault.raise ("No test named '" + name + "'.")

    let args =
        if not (stream.IsOperator "(") && ExpressionParts.testArgumentFollows stream then
            let argument = postfix stream (primary stream)

            {
                optionalArguments stream with
                    Positional = [| argument |]
                    Line = line
            }
        else
            optionalArguments stream

    let tested = Expr.Test(value, { Name = name; Run = run; Args = args })
    if negated then Expr.Not tested else tested
