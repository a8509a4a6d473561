namespace StreamCore.Protocol.Grammar

open System
open System.Text
open System.Text.Json

/// What a `GrammarSpec` is made of.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type internal GrammarNode =
    | Literal of byte[]
    /// `Param` is the parameter it came in, for a refusal.
    | Pattern of Text: string * Param: string
    | Schema of Value: JsonElement * Owner: string * Param: string
    | AnyObject
    | Sequence of GrammarNode[]
    | Choice of GrammarNode[]
    | Repeat of GrammarNode * Minimum: int * Maximum: int
    /// Any text up to the trigger. `NotFirst` has the bytes that must not come first, white space apart.
    | TextUntil of Trigger: byte[] * NotFirst: byte[]
    /// An empty trigger stands in no text.
    | TextWithout of Trigger: byte[] * NotFirst: byte[]

/// The node in words, the same for all that describe the same in the same way.
[<RequireQualifiedAccess>]
module internal GrammarKey =
    let private text (out: StringBuilder) (kind: char) (value: string) =
        out.Append(kind).Append(value.Length).Append(':').Append(value) |> ignore

    let private texts out kind (trigger: byte[]) (notFirst: byte[]) =
        text out kind (Encoding.UTF8.GetString trigger)
        text out 'n' (Encoding.UTF8.GetString notFirst)

    let rec private write (out: StringBuilder) node =
        match node with
        | GrammarNode.Literal bytes -> text out 'l' (Encoding.UTF8.GetString bytes)
        | GrammarNode.Pattern(pattern, _) -> text out 'p' pattern
        | GrammarNode.Schema(schema, _, _) -> text out 's' (schema.GetRawText())
        | GrammarNode.AnyObject -> text out 'o' ""
        | GrammarNode.Sequence parts -> all out 'q' parts
        | GrammarNode.Choice parts -> all out 'c' parts
        | GrammarNode.Repeat(part, minimum, maximum) ->
            out.Append('r').Append(minimum).Append(',').Append(maximum) |> ignore
            write out part
        | GrammarNode.TextUntil(trigger, notFirst) -> texts out 'u' trigger notFirst
        | GrammarNode.TextWithout(trigger, notFirst) -> texts out 'w' trigger notFirst

    and private all out kind parts =
        out.Append(kind).Append(parts.Length).Append(':') |> ignore

        for part in parts do
            write out part

    let ofNode node =
        let out = StringBuilder()
        write out node
        out.ToString()

/// A description of texts, to be compiled by `GrammarApi`. Immutable.
[<Sealed>]
type GrammarSpec internal (node: GrammarNode) =
    static let bytesOf (text: string) = Encoding.UTF8.GetBytes text

    static let nodesOf (parts: GrammarSpec[]) =
        parts |> Array.map (fun part -> part.Node)

    static let triggerOf (text: string) =
        ArgumentException.ThrowIfNullOrEmpty text
        bytesOf text

    member internal _.Node: GrammarNode = node

    /// The same for two that describe the same texts in the same way, by which what was compiled may be kept.
    member _.Key = GrammarKey.ofNode node

    /// Exactly this text.
    static member Literal(text: string) =
        GrammarSpec(GrammarNode.Literal(bytesOf text))

    /// Any JSON object.
    static member AnyObject() = GrammarSpec GrammarNode.AnyObject

    /// JSON that is valid against the schema, which is kept. A refusal names the owner (`response_format 'answer'`) and the parameter.
    static member Schema(schema: JsonElement, owner: string, param: string) =
        GrammarSpec(GrammarNode.Schema(schema.Clone(), owner, param))

    /// The texts that the whole of this regular expression fits. A refusal names the parameter.
    static member Pattern(pattern: string, param: string) =
        GrammarSpec(GrammarNode.Pattern(pattern, param))

    static member Sequence([<ParamArray>] parts: GrammarSpec[]) =
        GrammarSpec(GrammarNode.Sequence(nodesOf parts))

    /// One of these, of which there is at least one.
    static member Choice([<ParamArray>] parts: GrammarSpec[]) =
        ArgumentOutOfRangeException.ThrowIfZero parts.Length
        GrammarSpec(GrammarNode.Choice(nodesOf parts))

    /// The part at least and at most so many times; a maximum of -1 is none.
    static member Repeat(part: GrammarSpec, minimum: int, maximum: int) =
        ArgumentOutOfRangeException.ThrowIfNegative minimum

        if maximum >= 0 then
            ArgumentOutOfRangeException.ThrowIfLessThan(maximum, minimum)

        GrammarSpec(GrammarNode.Repeat(part.Node, minimum, maximum))

    /// Any text up to the first place where the trigger stands, and the trigger.
    static member TextUntil(trigger: string) =
        GrammarSpec.TextUntil(trigger, notFirst = "")

    /// Such a text, the first character of which, white space apart, is none of these ASCII ones.
    static member TextUntil(trigger: string, notFirst: string) =
        GrammarSpec(GrammarNode.TextUntil(triggerOf trigger, bytesOf notFirst))

    /// Any text in which the trigger does not stand.
    static member TextWithout(trigger: string) =
        GrammarSpec(GrammarNode.TextWithout(triggerOf trigger, [||]))

    /// Such a text, the first character of which, white space apart, is none of these ASCII ones. An empty trigger stands in no text.
    static member TextWithout(trigger: string, notFirst: string) =
        GrammarSpec(GrammarNode.TextWithout(bytesOf trigger, bytesOf notFirst))
