namespace StreamCore.Protocol.Templating

open System

/// Arguments matched to a callee's parameters.
[<Sealed>]
type internal Bound(callee: string, names: string[], slots: Value voption[]) =
    let wrong (i: int) (wanted: string) (value: Value) : 'a =
        match value with
        | Value.Undefined why -> Fault.raise why
        | _ ->
            Fault.raise (
                String.Concat(callee + "(): '", names[i] + "' must be ", wanted + ", not " + Value.typeName value)
            )

    member _.Has(i: int) = slots[i].IsSome
    member _.At(i: int) : Value voption = slots[i]

    member _.Or(i: int, fallback: Value) : Value =
        ValueOption.defaultValue fallback slots[i]

    member _.Need(i: int) : Value =
        match slots[i] with
        | ValueSome value -> value
        | ValueNone -> Fault.raise (callee + "() is missing the argument '" + names[i] + "'")

    /// Absent and none are one thing, as in `split(None)`.
    member _.Text(i: int) : string voption =
        match slots[i] with
        | ValueNone
        | ValueSome Value.None -> ValueNone
        | ValueSome(Value.Str s) -> ValueSome s
        | ValueSome other -> wrong i "text" other

    member bound.NeedText(i: int) : string =
        match bound.Need i with
        | Value.Str s -> s
        | other -> wrong i "text" other

    member _.Int(i: int, fallback: int64) : int64 =
        match slots[i] with
        | ValueNone
        | ValueSome Value.None -> fallback
        | ValueSome value ->
            match Value.asInt value with
            | ValueSome n -> n
            | ValueNone -> wrong i "an integer" value

    member _.Flag(i: int, fallback: bool) : bool =
        match slots[i] with
        | ValueNone -> fallback
        | ValueSome value -> Value.truth value

[<RequireQualifiedAccess>]
module internal Args =
    let none: CallArgs = {
        Positional = Array.empty
        Named = Array.empty
    }

    let positional (values: Value[]) : CallArgs = {
        Positional = values
        Named = Array.empty
    }

    let tryNamed (args: CallArgs) (name: string) : Value voption =
        match Array.tryFind (fun (struct (key, _)) -> key = name) args.Named with
        | Some(struct (_, value)) -> ValueSome value
        | None -> ValueNone

    /// Matches arguments to parameters; too many, unknown or doubled ones are faults.
    let bind (callee: string) (names: string[]) (args: CallArgs) : Bound =
        if args.Positional.Length > names.Length then
            Fault.raise (callee + "() has too many arguments")

        let slots = Array.create names.Length ValueNone
        args.Positional |> Array.iteri (fun i value -> slots[i] <- ValueSome value)

        for struct (name, value) in args.Named do
            match Array.IndexOf(names, name) with
            | -1 -> Fault.raise (callee + "() has no argument named '" + name + "'")
            | i when slots[i].IsSome -> Fault.raise (callee + "() has two values for '" + name + "'")
            | i -> slots[i] <- ValueSome value

        Bound(callee, names, slots)
