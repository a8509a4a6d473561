namespace StreamCore.Protocol.Templating

open System
open System.Collections.Generic
open System.Runtime.CompilerServices

/// The names set at one level: a loop's turn, a macro's call, a block. Most levels hold two or three names, so those are
/// searched one by one and a dictionary is made only for more.
[<Sealed>]
type internal Scope(outer: Scope | null) =
    let few = 6
    let mutable names = Array.empty<string>
    let mutable values = Array.empty<Value>
    let mutable count = 0
    let mutable more: Dictionary<string, Value> | null = null

    let place (name: string) =
        let mutable i = count - 1

        while i >= 0 && not (String.Equals(names[i], name)) do
            i <- i - 1

        i

    member _.Set(name: string, value: Value) =
        match place name with
        | -1 when count < few ->
            if count = 0 then
                names <- Array.zeroCreate few
                values <- Array.zeroCreate few

            names[count] <- name
            values[count] <- value
            count <- count + 1
        | -1 ->
            match more with
            | null -> more <- Dictionary<string, Value>(dict [ name, value ])
            | rest -> rest[name] <- value
        | i -> values[i] <- value

    member private _.TryFindHere(name: string) : Value voption =
        match place name with
        | -1 ->
            match more with
            | null -> ValueNone
            | rest ->
                match rest.TryGetValue name with
                | true, value -> ValueSome value
                | _ -> ValueNone
        | i -> ValueSome values[i]

    member scope.TryFind(name: string) : Value voption =
        match scope.TryFindHere name with
        | ValueSome value -> ValueSome value
        | ValueNone ->
            match outer with
            | null -> ValueNone
            | outer -> outer.TryFind name

/// One rendering: what it may spend, what time it is, and which line it is on.
[<Sealed>]
type internal Rendering(work: Work, now: Nullable<DateTimeOffset>, maxLength: int) =
    /// Jinja2 itself ends near three hundred, at Python's own limit.
    let maxCalls = 200

    /// Expressions within expressions, through macros too.
    let maxDepth = 3000

    let mutable calls = 0
    let mutable depth = 0

    member _.Work = work
    member _.MaxLength = maxLength
    /// The line of the statement being run, for error texts.
    member val Line = 1 with get, set

    /// Every statement and expression passes here: what is deep ends in a fault instead of an exhausted stack.
    member _.Enter() =
        work.Charge 16
        depth <- depth + 1

        if depth > maxDepth || not (RuntimeHelpers.TryEnsureSufficientExecutionStack()) then
            Fault.raise "the template is nested too deeply"

    member _.Leave() = depth <- depth - 1

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
