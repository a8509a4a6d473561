namespace StreamCore.Protocol.Templating

/// What `loop` answers inside a `for`.
[<Sealed>]
type internal Loop(work: Work, items: Value[], depth: int) =
    let mutable seen: Value[] voption = ValueNone

    let itemAt (i: int) (whenMissing: string) =
        if i >= 0 && i < items.Length then
            items[i]
        else
            Value.Undefined whenMissing

    member val Index = 0 with get, set
    member _.Depth = depth

    /// Takes turns through its arguments.
    member private loop.Cycle(args: CallArgs) : Value =
        if args.Positional.Length = 0 then
            Fault.raise "no items for cycling given"

        args.Positional[loop.Index % args.Positional.Length]

    /// Whether the arguments differ from the last call's.
    member private _.Changed(args: CallArgs) : Value =
        let same =
            match seen with
            | ValueSome last -> Compare.equal work (Value.Tuple last) (Value.Tuple args.Positional)
            | ValueNone -> false

        seen <- ValueSome args.Positional
        Value.ofBool (not same)

    member loop.Get(name: string) : Value voption =
        let i = loop.Index

        match name with
        | "index" -> ValueSome(Value.ofInt (i + 1))
        | "index0" -> ValueSome(Value.ofInt i)
        | "revindex" -> ValueSome(Value.ofInt (items.Length - i))
        | "revindex0" -> ValueSome(Value.ofInt (items.Length - i - 1))
        | "first" -> ValueSome(Value.ofBool (i = 0))
        | "last" -> ValueSome(Value.ofBool (i = items.Length - 1))
        | "length" -> ValueSome(Value.ofInt items.Length)
        | "depth" -> ValueSome(Value.ofInt depth)
        | "depth0" -> ValueSome(Value.ofInt (depth - 1))
        | "previtem" -> ValueSome(itemAt (i - 1) "there is no previous item")
        | "nextitem" -> ValueSome(itemAt (i + 1) "there is no next item")
        | "cycle" -> ValueSome(Value.Function(name, loop.Cycle))
        | "changed" -> ValueSome(Value.Function(name, loop.Changed))
        | _ -> ValueNone
