/// The functions every template may call.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Globals

open System
open System.Collections.Generic

/// Jinja2's sandbox draws the line at the same place.
let private maxRange = 100_000L

let private range (work: Work) (args: CallArgs) : Value =
    let bound = Args.bind "range" [| "start"; "stop"; "step" |] args

    let first, last =
        if bound.Has 1 then
            bound.Int(0, 0L), bound.Int(1, 0L)
        else
            bound.Need 0 |> ignore
            0L, bound.Int(0, 0L)

    let step = bound.Int(2, 1L)

    if step = 0L then
        Fault.raise "range() arg 3 must not be zero"

    let distance =
        if step > 0L then
            Checked.(-) last first
        else
            Checked.(-) first last

    let count =
        if distance <= 0L then
            0L
        else
            (distance - 1L) / (if step < 0L then Checked.(~-) step else step) + 1L

    if count > maxRange then
        Fault.raise "Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000)."

    work.Charge(8L * count)
    Value.ofSeq (Seq.init (int count) (fun i -> Value.Int(first + int64 i * step)))

let private dict (work: Work) (args: CallArgs) : Value =
    let dict = ValueDict()
    Methods.fill work dict "dict" args
    Value.Dict dict

let private space (work: Work) (args: CallArgs) : Value =
    let dict = ValueDict()
    Methods.fill work dict "namespace" args
    let fields = Dictionary<string, Value>()

    for struct (key, value) in dict.Items do
        fields[Print.text work key] <- value

    Value.Namespace fields

let private raiseException (work: Work) (args: CallArgs) : Value =
    Fault.fromTemplate (Print.text work ((Args.bind "raise_exception" [| "message" |] args).Need 0))

let private strftimeNow (time: DateTimeOffset) (args: CallArgs) : Value =
    Value.Str(Dates.format time ((Args.bind "strftime_now" [| "format" |] args).NeedText 0))

/// Returns nothing the first time and the separator ever after.
let private joiner (args: CallArgs) : Value =
    let separator = (Args.bind "joiner" [| "sep" |] args).Or(0, Value.Str ", ")
    let mutable used = false

    Value.Function(
        "joiner",
        fun _ ->
            if used then
                separator
            else
                used <- true
                Value.Empty
    )

let private cycler (args: CallArgs) : Value =
    if args.Positional.Length = 0 then
        Fault.raise "at least one item has to be provided"

    let mutable at = 0

    let next (_: CallArgs) =
        let item = args.Positional[at]
        at <- (at + 1) % args.Positional.Length
        item

    let reset (_: CallArgs) =
        at <- 0
        Value.None

    Value.Object(
        "Cycler",
        fun name ->
            match name with
            | "current" -> ValueSome args.Positional[at]
            | "next" -> ValueSome(Value.Function(name, next))
            | "reset" -> ValueSome(Value.Function(name, reset))
            | _ -> ValueNone
    )

/// `strftime_now` is defined only when a time was given, so that templates fall back as they are written to.
let tryFind (work: Work) (now: Nullable<DateTimeOffset>) (name: string) : Value voption =
    match name with
    | "range" -> ValueSome(Value.Function(name, range work))
    | "dict" -> ValueSome(Value.Function(name, dict work))
    | "namespace" -> ValueSome(Value.Function(name, space work))
    | "raise_exception" -> ValueSome(Value.Function(name, raiseException work))
    | "strftime_now" when now.HasValue -> ValueSome(Value.Function(name, strftimeNow now.Value))
    | "joiner" -> ValueSome(Value.Function(name, joiner))
    | "cycler" -> ValueSome(Value.Function(name, cycler))
    | _ -> ValueNone
