/// Statements: tokens to a template.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Parse

open System.Collections.Generic

let private tagName (stream: TokenStream) =
    if stream.Current.Kind = TokenKind.BlockBegin && stream.Ahead.Kind = TokenKind.Name then
        stream.Ahead.Text
    else
        ""

let private endTag (stream: TokenStream) : unit =
    stream.ExpectKind(TokenKind.BlockEnd, "'%}'") |> ignore

let private closeWith (stream: TokenStream) (name: string) : unit =
    stream.ExpectKind(TokenKind.BlockBegin, "'{% " + name + " %}'") |> ignore
    stream.ExpectWord name
    endTag stream

let rec private target (stream: TokenStream) (allowField: bool) : Target =
    let one () =
        if stream.Skip "(" then
            let inner = stream.Nested(fun () -> target stream false)
            stream.Expect ")"
            inner
        else
            let name = stream.ExpectName()

            if allowField && stream.Skip "." then
                Target.Field(name, stream.ExpectName())
            else
                Target.Name name

    let first = one ()

    if not (stream.IsOperator ",") then
        first
    else
        let items = ResizeArray<Target> [ first ]

        let goesOn () =
            (stream.Current.Kind = TokenKind.Name && not (stream.IsName "in"))
            || stream.IsOperator "("

        while stream.Skip "," && goesOn () do
            items.Add(one ())

        Target.Tuple(items.ToArray())

let private parameters (stream: TokenStream) : Parameter[] =
    let items = ResizeArray<Parameter>()
    stream.Expect "("

    while not (stream.IsOperator ")") do
        if items.Count > 0 then
            stream.Expect ","

        let name = stream.ExpectName()

        let fallback =
            if stream.Skip "=" then
                ValueSome(ExpressionParse.expression stream)
            else
                ValueNone

        if fallback.IsNone && items.Exists(fun item -> item.Default.IsSome) then
            Fault.raise "non-default argument follows default argument"

        items.Add { Name = name; Default = fallback }

    stream.Expect ")"
    items.ToArray()

let private filterChain (stream: TokenStream) : FilterCall[] =
    let calls = ResizeArray<FilterCall> [ ExpressionParse.filterCall stream ]

    while stream.Skip "|" do
        calls.Add(ExpressionParse.filterCall stream)

    calls.ToArray()

let private unsupported =
    set [
        "include"
        "import"
        "from"
        "extends"
        "block"
        "autoescape"
        "trans"
        "do"
        "debug"
        "print"
    ]

/// Everything up to one of the tags named, which is left for the caller.
let rec private body (stream: TokenStream) (ends: string list) : Statement[] =
    let statements = ResizeArray<Statement>()
    let mutable inside = true

    while inside do
        match stream.Current.Kind with
        | TokenKind.Data ->
            let text = stream.Next().Text

            if text.Length > 0 then
                statements.Add(Statement.Text text)
        | TokenKind.PrintBegin ->
            let line = stream.Next().Line
            statements.Add(Statement.Print(ExpressionParse.tuple stream true false, line))
            stream.ExpectKind(TokenKind.PrintEnd, "'}}'") |> ignore
        | TokenKind.BlockBegin when List.contains (tagName stream) ends -> inside <- false
        | TokenKind.BlockBegin -> statements.Add(stream.Nested(fun () -> statement stream))
        | TokenKind.End when ends.IsEmpty -> inside <- false
        | TokenKind.End -> Fault.raise ("the template ends before '{% " + List.last ends + " %}'")
        | _ -> stream.Unexpected "text or a tag"

    statements.ToArray()

and private block (stream: TokenStream) (ends: string list) : Statement[] =
    stream.Skip ":" |> ignore
    endTag stream
    body stream ends

and private statement (stream: TokenStream) : Statement =
    stream.Next() |> ignore
    let line = stream.Line

    match stream.ExpectName() with
    | "if" -> conditional stream
    | "for" -> forLoop stream line
    | "set" -> assignment stream line
    | "macro" -> macro stream
    | "call" -> callBlock stream
    | "filter" ->
        let calls = filterChain stream
        let inner = block stream [ "endfilter" ]
        closeWith stream "endfilter"
        Statement.FilterBlock(calls, inner, line)
    | "with" -> withBlock stream line
    | "generation" ->
        let inner = block stream [ "endgeneration" ]
        closeWith stream "endgeneration"
        Statement.Scope inner
    | "break" -> jump stream "break" Statement.Break
    | "continue" -> jump stream "continue" Statement.Continue
    | name when unsupported.Contains name -> Fault.raise ("'{% " + name + " %}' has no place in a chat template")
    | name -> Fault.raise ("Encountered unknown tag '" + name + "'.")

and private jump (stream: TokenStream) (name: string) (result: Statement) : Statement =
    if stream.Loops = 0 then
        Fault.raise ("'" + name + "' outside of a loop")

    endTag stream
    result

and private conditional (stream: TokenStream) : Statement =
    stream.Conditions <- stream.Conditions + 1
    let branches = ResizeArray<struct (Expr * int * Statement[])>()

    let branch () =
        let line = stream.Line
        let test = ExpressionParse.tuple stream false false
        branches.Add(struct (test, line, block stream [ "elif"; "else"; "endif" ]))

    branch ()

    while tagName stream = "elif" do
        stream.Next() |> ignore
        stream.Next() |> ignore
        branch ()

    let otherwise = elseBlock stream "endif"
    closeWith stream "endif"
    stream.Conditions <- stream.Conditions - 1
    Statement.If(branches.ToArray(), otherwise)

and private elseBlock (stream: TokenStream) (close: string) : Statement[] =
    if tagName stream = "else" then
        stream.Next() |> ignore
        stream.Next() |> ignore
        block stream [ close ]
    else
        Array.empty

and private forLoop (stream: TokenStream) (line: int) : Statement =
    let target = target stream false
    stream.ExpectWord "in"
    let source = ExpressionParse.tuple stream false false

    let where =
        if stream.SkipName "if" then
            ValueSome(ExpressionParse.expression stream)
        else
            ValueNone

    if stream.IsName "recursive" then
        Fault.raise "recursive loops are not supported"

    stream.Loops <- stream.Loops + 1
    let inner = block stream [ "else"; "endfor" ]
    stream.Loops <- stream.Loops - 1
    let otherwise = elseBlock stream "endfor"
    closeWith stream "endfor"

    Statement.For {
        Target = target
        Source = source
        Where = where
        Body = inner
        Else = otherwise
        Line = line
    }

and private assignment (stream: TokenStream) (line: int) : Statement =
    let target = target stream true

    if stream.Skip "=" then
        let value = ExpressionParse.tuple stream true false
        endTag stream
        Statement.Set(target, value, line)
    else
        let calls = if stream.Skip "|" then filterChain stream else Array.empty
        let inner = block stream [ "endset" ]
        closeWith stream "endset"
        Statement.SetBlock(target, calls, inner, line)

and private withBlock (stream: TokenStream) (line: int) : Statement =
    let items = ResizeArray<struct (Target * Expr)>()

    while stream.Current.Kind <> TokenKind.BlockEnd do
        if items.Count > 0 then
            stream.Expect ","

        let name = target stream false
        stream.Expect "="
        items.Add(struct (name, ExpressionParse.expression stream))

    let inner = block stream [ "endwith" ]
    closeWith stream "endwith"
    Statement.With(items.ToArray(), inner, line)

/// A macro's parameters and body. Loops around it are not loops of its body.
and private macroOf
    (stream: TokenStream)
    (name: string)
    (withParameters: bool)
    (read: unit -> unit)
    (close: string)
    : Macro =
    let outer, loops = stream.Names, stream.Loops
    stream.Names <- HashSet<string>()
    stream.Loops <- 0
    let items = if withParameters then parameters stream else Array.empty
    read ()
    let inner = block stream [ close ]
    closeWith stream close
    let names = stream.Names
    outer.UnionWith names
    stream.Names <- outer
    stream.Loops <- loops

    {
        Name = name
        Parameters = items
        Body = inner
        TakesMore = names.Contains "varargs"
        TakesNamed = names.Contains "kwargs"
        TakesCaller = names.Contains "caller"
    }

and private macro (stream: TokenStream) : Statement =
    let name = stream.ExpectName()
    Statement.Macro(macroOf stream name true ignore "endmacro")

and private callBlock (stream: TokenStream) : Statement =
    let mutable call = Expr.Constant Value.None

    let read () =
        call <- ExpressionParse.expression stream

    let caller = macroOf stream "caller" (stream.IsOperator "(") read "endcall"

    match call with
    | Expr.Call(callee, args) -> Statement.CallBlock(caller, callee, args)
    | _ -> Fault.raise "expected a call"

/// The whole template. On a fault, the stream's line is where.
let template (stream: TokenStream) : Template =
    let statements = body stream []

    {
        Body = statements
        Mentions = Set.ofSeq stream.Names
    }
