namespace StreamCore.Protocol.Templating

open System
open System.Collections.Generic
open System.Runtime.CompilerServices

/// The names set at one level: a loop's turn, a macro's call, a block.
[<Sealed>]
type internal Scope(outer: Scope | null) =
    let names = Dictionary<string, Value>()

    member _.Set(name: string, value: Value) = names[name] <- value

    member _.TryFind(name: string) : Value voption =
        match names.TryGetValue name, outer with
        | (true, value), _ -> ValueSome value
        | _, null -> ValueNone
        | _, outer -> outer.TryFind name

/// One rendering: what it may spend, what time it is, and which line it is on.
[<Sealed>]
type internal Rendering(work: Work, now: Nullable<DateTimeOffset>, maxLength: int) =
    /// Jinja2 itself ends near three hundred, at Python's own limit.
    let maxCalls = 200

    let mutable calls = 0

    member _.Work = work
    member _.MaxLength = maxLength
    /// The line of the statement being run, for error texts.
    member val Line = 1 with get, set

    /// Every node evaluated passes here: deep trees end in a fault instead of an exhausted stack.
    member _.Step() =
        work.Charge 16

        if not (RuntimeHelpers.TryEnsureSufficientExecutionStack()) then
            Fault.raise "the template is nested too deeply"

    /// Runs a macro's body, then comes back to the caller's line.
    member rendering.Called(run: unit -> Value) : Value =
        let line = rendering.Line
        calls <- calls + 1

        if calls > maxCalls then
            Fault.raise "macros call each other too deeply"

        let result = run ()
        calls <- calls - 1
        rendering.Line <- line
        result

    member _.Find(scope: Scope, name: string) : Value =
        match scope.TryFind name with
        | ValueSome value -> value
        | ValueNone ->
            Globals.tryFind work now name
            |> ValueOption.defaultWith (fun () -> Value.Undefined("'" + name + "' is undefined"))
