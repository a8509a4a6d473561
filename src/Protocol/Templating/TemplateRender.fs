/// Statements to text.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Render

open System.Text

/// How a run of statements ended.
[<RequireQualifiedAccess; Struct>]
type private Flow =
    | Next
    | Break
    | Continue

let private write (rendering: Rendering) (into: StringBuilder) (text: string) : unit =
    rendering.Work.Charge text.Length

    if into.Length + text.Length > rendering.MaxLength then
        Fault.raise "the rendered text is longer than is allowed"

    into.Append text |> ignore

let rec private assign (rendering: Rendering) (scope: Scope) (target: Target) (value: Value) : unit =
    match target with
    | Target.Name name -> scope.Set(name, value)
    | Target.Field(owner, name) ->
        match rendering.Find(scope, owner) with
        | Value.Namespace fields -> fields[name] <- value
        | _ -> Fault.raise "cannot assign attribute on non-namespace object"
    | Target.Tuple targets ->
        let items =
            match value with
            | Value.Undefined why -> Fault.raise why
            | _ -> Operators.iterate rendering.Work value

        if items.Length < targets.Length then
            Fault.raise "not enough values to unpack"
        elif items.Length > targets.Length then
            Fault.raise "too many values to unpack"

        Array.iter2 (assign rendering scope) targets items

/// Gives a macro's parameters their values; what the macro does not take is a fault.
let private bind (rendering: Rendering) (scope: Scope) (macro: Macro) (args: CallArgs) : unit =
    let fault (what: string) =
        Fault.raise ("macro '" + macro.Name + "' " + what)

    let isParameter (name: string) =
        macro.Parameters |> Array.exists (fun p -> p.Name = name)

    macro.Parameters
    |> Array.iteri (fun i parameter ->
        match Args.tryNamed args parameter.Name, parameter.Default with
        | ValueSome _, _ when i < args.Positional.Length -> fault ("got two values for '" + parameter.Name + "'")
        | ValueSome value, _ -> scope.Set(parameter.Name, value)
        | ValueNone, _ when i < args.Positional.Length -> scope.Set(parameter.Name, args.Positional[i])
        | ValueNone, ValueSome fallback -> scope.Set(parameter.Name, Eval.expression rendering scope fallback)
        | ValueNone, ValueNone ->
            scope.Set(parameter.Name, Value.Undefined("parameter '" + parameter.Name + "' was not provided")))

    let count = macro.Parameters.Length

    if macro.TakesMore then
        scope.Set(
            "varargs",
            Value.Tuple(
                if args.Positional.Length > count then
                    args.Positional[count..]
                else
                    Array.empty
            )
        )
    elif args.Positional.Length > count then
        fault "takes fewer positional arguments"

    if macro.TakesCaller && not (isParameter "caller") then
        Args.tryNamed args "caller"
        |> ValueOption.defaultValue (Value.Undefined "No caller defined")
        |> fun caller -> scope.Set("caller", caller)

    let more = ValueDict()

    for struct (name, value) in args.Named do
        if not (isParameter name) && not (macro.TakesCaller && name = "caller") then
            if not macro.TakesNamed then
                fault ("takes no keyword argument '" + name + "'")

            more.Set(name, value)

    if macro.TakesNamed then
        scope.Set("kwargs", Value.Dict more)

let private filtered (rendering: Rendering) (scope: Scope) (calls: FilterCall[]) (text: string) : Value =
    Array.fold (Eval.filter rendering scope) (Value.Str text) calls

let rec private run (rendering: Rendering) (scope: Scope) (into: StringBuilder) (statements: Statement[]) : Flow =
    let mutable flow = Flow.Next
    let mutable i = 0

    while flow = Flow.Next && i < statements.Length do
        rendering.Enter()
        flow <- statement rendering scope into statements[i]
        rendering.Leave()
        i <- i + 1

    flow

/// What statements write, as a text of its own. A jump out of them ends them.
and private captured (rendering: Rendering) (scope: Scope) (statements: Statement[]) : string =
    let into = StringBuilder()
    run rendering scope into statements |> ignore
    into.ToString()

and private statement (rendering: Rendering) (scope: Scope) (into: StringBuilder) (statement: Statement) : Flow =
    let atLine (line: int) (action: unit -> unit) =
        rendering.Line <- line
        action ()
        Flow.Next

    match statement with
    | Statement.Text text -> atLine rendering.Line (fun () -> write rendering into text)
    | Statement.Print(expr, line) ->
        atLine line (fun () -> write rendering into (Print.text rendering.Work (Eval.expression rendering scope expr)))
    | Statement.Set(target, expr, line) ->
        atLine line (fun () -> assign rendering scope target (Eval.expression rendering scope expr))
    | Statement.If(branches, otherwise) -> conditional rendering scope into branches otherwise
    | Statement.For loop -> forLoop rendering scope into loop
    | Statement.Scope body -> run rendering (Scope scope) into body
    | Statement.Break -> Flow.Break
    | Statement.Continue -> Flow.Continue
    | Statement.Macro macro -> atLine rendering.Line (fun () -> scope.Set(macro.Name, macroValue rendering scope macro))
    | Statement.With(items, body, line) ->
        rendering.Line <- line
        withBlock rendering scope into items body
    | Statement.SetBlock(target, calls, body, line) ->
        let text = captured rendering (Scope scope) body
        atLine line (fun () -> assign rendering scope target (filtered rendering scope calls text))
    | Statement.FilterBlock(calls, body, line) ->
        let text = captured rendering (Scope scope) body

        atLine line (fun () -> write rendering into (Print.text rendering.Work (filtered rendering scope calls text)))
    | Statement.CallBlock(caller, callee, args) ->
        atLine args.Line (fun () ->
            let caller = macroValue rendering scope caller
            let result = Eval.callWith rendering scope callee args "caller" caller
            write rendering into (Print.text rendering.Work result))

and private conditional rendering scope into (branches: struct (Expr * int * Statement[])[]) otherwise : Flow =
    let holds (struct (test, line, _): struct (Expr * int * Statement[])) =
        rendering.Line <- line
        Value.truth (Eval.expression rendering scope test)

    match Array.tryFind holds branches with
    | Some(struct (_, _, body)) -> run rendering scope into body
    | None -> run rendering scope into otherwise

and private withBlock rendering scope into (items: struct (Target * Expr)[]) body : Flow =
    let inner = Scope scope

    for struct (target, expr) in items do
        assign rendering inner target (Eval.expression rendering scope expr)

    run rendering inner into body

/// A macro sees the scope it was written in, not the one it is called from.
and private macroValue (rendering: Rendering) (defined: Scope) (macro: Macro) : Value =
    Value.Function(
        macro.Name,
        fun args ->
            rendering.Called(fun () ->
                let scope = Scope defined
                bind rendering scope macro args
                Value.Str(captured rendering scope macro.Body))
    )

and private forLoop (rendering: Rendering) (scope: Scope) (into: StringBuilder) (loop: ForLoop) : Flow =
    rendering.Line <- loop.Line

    let passes (item: Value) =
        match loop.Where with
        | ValueNone -> true
        | ValueSome test ->
            let inner = Scope scope
            assign rendering inner loop.Target item
            Value.truth (Eval.expression rendering inner test)

    let items =
        Eval.expression rendering scope loop.Source
        |> Operators.iterate rendering.Work
        |> Array.filter passes

    if items.Length = 0 then
        run rendering (Scope scope) into loop.Else
    else
        turns rendering scope into loop items

and private turns rendering scope into (loop: ForLoop) (items: Value[]) : Flow =
    let state = Loop(rendering.Work, items, 1)
    let value = Value.Object("LoopContext", state.Get)
    let mutable flow = Flow.Next
    let mutable i = 0

    while flow <> Flow.Break && i < items.Length do
        let inner = Scope scope
        rendering.Work.Charge 64
        state.Index <- i
        inner.Set("loop", value)
        assign rendering inner loop.Target items[i]
        flow <- run rendering inner into loop.Body
        i <- i + 1

    Flow.Next

/// The whole template, with the variables given.
let template (rendering: Rendering) (variables: Scope) (template: Template) : string =
    captured rendering (Scope variables) template.Body
