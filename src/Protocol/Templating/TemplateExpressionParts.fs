/// The leaves of expressions, and what marks their ends.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.ExpressionParts

open System
open System.Globalization

let none = Expr.Constant Value.None

let comparison (stream: TokenStream) : CompareOperator voption =
    let simple (op: CompareOperator) =
        stream.Next() |> ignore
        ValueSome op

    match stream.Current.Kind, stream.Current.Text with
    | TokenKind.Operator, "==" -> simple CompareOperator.Equal
    | TokenKind.Operator, "!=" -> simple CompareOperator.NotEqual
    | TokenKind.Operator, "<" -> simple CompareOperator.Less
    | TokenKind.Operator, "<=" -> simple CompareOperator.LessOrEqual
    | TokenKind.Operator, ">" -> simple CompareOperator.Greater
    | TokenKind.Operator, ">=" -> simple CompareOperator.GreaterOrEqual
    | TokenKind.Name, "in" -> simple CompareOperator.In
    | TokenKind.Name, "not" when stream.Ahead.Kind = TokenKind.Name && stream.Ahead.Text = "in" ->
        stream.Next() |> ignore
        simple CompareOperator.NotIn
    | _ -> ValueNone

let leftToRight (operand: TokenStream -> Expr) (operators: (string * BinaryOperator) list) (stream: TokenStream) =
    let rec go (left: Expr) =
        match List.tryFind (fun (op: string, _) -> stream.Skip op) operators with
        | Some(_, op) -> go (Expr.Binary(op, left, operand stream))
        | None -> left

    go (operand stream)

let number (token: Token) : Expr =
    if token.Kind = TokenKind.Float then
        Expr.Constant(Value.Float(Double.Parse(token.Text, CultureInfo.InvariantCulture)))
    else
        match Int64.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, n -> Expr.Constant(Value.Int n)
        | _ -> Fault.raise "an integer is too large"

let name (stream: TokenStream) (text: string) : Expr =
    match text with
    | "true"
    | "True" -> Expr.Constant Value.True
    | "false"
    | "False" -> Expr.Constant Value.False
    | "none"
    | "None" -> none
    | _ ->
        stream.Names.Add text |> ignore
        Expr.Name text

/// Texts side by side are one text, as in Python.
let adjacentTexts (stream: TokenStream) : Expr =
    let parts = ResizeArray<string>()

    while stream.Current.Kind = TokenKind.Text do
        parts.Add(stream.Next().Text)

    Expr.Constant(Value.Str(String.Concat parts))

/// The items up to the closing mark, with a trailing comma allowed.
let listed (stream: TokenStream) (close: string) (item: unit -> 'a) : 'a[] =
    let items = ResizeArray<'a>()

    while not (stream.IsOperator close) do
        if items.Count > 0 then
            stream.Expect ","

        if not (stream.IsOperator close) then
            items.Add(item ())

    stream.Expect close
    items.ToArray()

/// Where a tuple written without parentheses ends.
let isTupleEnd (stream: TokenStream) : bool =
    match stream.Current.Kind with
    | TokenKind.PrintEnd
    | TokenKind.BlockEnd -> true
    | TokenKind.Operator -> stream.Current.Text = ")"
    | TokenKind.Name -> stream.Current.Text = "in" || stream.Current.Text = "recursive"
    | _ -> false

/// Whether a test's argument without parentheses follows, as in `is divisibleby 3`.
let testArgumentFollows (stream: TokenStream) : bool =
    match stream.Current.Kind, stream.Current.Text with
    | TokenKind.Name, ("else" | "or" | "and" | "if" | "in" | "not") -> false
    | TokenKind.Name, "is" -> Fault.raise "You cannot chain multiple tests with is"
    | (TokenKind.Name | TokenKind.Text | TokenKind.Integer | TokenKind.Float), _ -> true
    | TokenKind.Operator, ("[" | "{") -> true
    | _ -> false
