namespace StreamCore.Protocol.Templating

[<RequireQualifiedAccess>]
type internal BinaryOperator =
    | Add
    | Subtract
    | Multiply
    | Divide
    | FloorDivide
    | Modulo
    | Power

[<RequireQualifiedAccess>]
type internal CompareOperator =
    | Equal
    | NotEqual
    | Less
    | LessOrEqual
    | Greater
    | GreaterOrEqual
    | In
    | NotIn

[<RequireQualifiedAccess; NoComparison; NoEquality>]
type internal Expr =
    | Constant of Value
    | Name of string
    | List of Expr[]
    | Tuple of Expr[]
    | Dict of struct (Expr * Expr)[]
    | Attribute of Expr * string
    | Subscript of Expr * Expr
    | Slice of Subject: Expr * First: Expr * Last: Expr * Step: Expr
    | Call of Expr * CallExpr
    | Filter of Expr * FilterCall
    | Test of Expr * Test: TestCall
    | Negate of Expr
    | Plus of Expr
    | Not of Expr
    | And of Expr * Expr
    | Or of Expr * Expr
    | Binary of BinaryOperator * Expr * Expr
    | Concat of Expr[]
    | Compare of Expr * struct (CompareOperator * Expr)[]
    /// Without an else the value is undefined.
    | Conditional of Test: Expr * Then: Expr * Else: Expr voption

and [<NoComparison; NoEquality>] internal CallExpr = {
    Positional: Expr[]
    Named: struct (string * Expr)[]
    /// `*args`
    Spread: Expr voption
    /// `**kwargs`
    SpreadNamed: Expr voption
    Line: int
}

/// The filter is looked up once, when the template is compiled. Absent only behind a condition, where Jinja2 waits too.
and [<NoComparison; NoEquality>] internal FilterCall = {
    Name: string
    Run: TextFilters.Filter voption
    Args: CallExpr
}

and [<NoComparison; NoEquality>] internal TestCall = {
    Name: string
    Run: Tests.Test voption
    Args: CallExpr
}

[<RequireQualifiedAccess; NoComparison; NoEquality>]
type internal Target =
    | Name of string
    /// A field of a namespace.
    | Field of Owner: string * Name: string
    | Tuple of Target[]

[<NoComparison; NoEquality>]
type internal Parameter = { Name: string; Default: Expr voption }

[<RequireQualifiedAccess; NoComparison; NoEquality>]
type internal Statement =
    | Text of string
    | Print of Expr * Line: int
    | If of Branches: struct (Expr * int * Statement[])[] * Else: Statement[]
    | For of ForLoop
    | Set of Target * Expr * Line: int
    | SetBlock of Target * FilterCall[] * Statement[] * Line: int
    | With of struct (Target * Expr)[] * Statement[] * Line: int
    | Macro of Macro
    /// `{% call(x) f() %}`: the body is the macro `caller`.
    | CallBlock of Caller: Macro * Callee: Expr * CallExpr
    | FilterBlock of FilterCall[] * Statement[] * Line: int
    /// `{% generation %}`: only a scope.
    | Scope of Statement[]
    | Break
    | Continue

and [<NoComparison; NoEquality>] internal ForLoop = {
    Target: Target
    Source: Expr
    Where: Expr voption
    Body: Statement[]
    Else: Statement[]
    Line: int
}

and [<NoComparison; NoEquality>] internal Macro = {
    Name: string
    Parameters: Parameter[]
    Body: Statement[]
    /// Which of `varargs`, `kwargs` and `caller` the body speaks of, and so accepts.
    TakesMore: bool
    TakesNamed: bool
    TakesCaller: bool
}

/// A whole template, and every name it reads.
[<NoComparison; NoEquality>]
type internal Template = {
    Body: Statement[]
    Mentions: Set<string>
}
