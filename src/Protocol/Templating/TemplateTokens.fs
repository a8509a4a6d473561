namespace StreamCore.Protocol.Templating

open System
open System.Collections.Generic

/// The parser's view of the tokens, with what it must remember while it descends.
[<Sealed>]
type internal TokenStream(tokens: IReadOnlyList<Token>) =
    /// Deeper nesting is refused, so that a hostile template cannot exhaust the stack.
    let maxDepth = 150

    let mutable at = 0
    let mutable depth = 0

    /// Names read so far; a macro learns from it whether its body speaks of `caller` and the like.
    member val Names = HashSet<string>() with get, set
    /// Over 0 inside an `if`, where an unknown filter is no fault until it runs.
    member val Conditions = 0 with get, set
    member val Loops = 0 with get, set

    member _.Current = tokens[at]
    member _.Ahead = tokens[min (at + 1) (tokens.Count - 1)]
    member _.Line = tokens[at].Line

    member stream.Next() : Token =
        let token = tokens[at]

        if at < tokens.Count - 1 then
            at <- at + 1

        token

    member stream.IsOperator(op: string) =
        stream.Current.Kind = TokenKind.Operator && stream.Current.Text = op

    member stream.IsName(name: string) =
        stream.Current.Kind = TokenKind.Name && stream.Current.Text = name

    member stream.Skip(op: string) : bool =
        let found = stream.IsOperator op

        if found then
            stream.Next() |> ignore

        found

    member stream.SkipName(name: string) : bool =
        let found = stream.IsName name

        if found then
            stream.Next() |> ignore

        found

    member stream.Unexpected(wanted: string) : 'a =
        Fault.raise (String.Concat("expected ", wanted, ", found '" + stream.Current.Text + "'"))

    member stream.Expect(op: string) : unit =
        if not (stream.Skip op) then
            stream.Unexpected("'" + op + "'")

    member stream.ExpectWord(name: string) : unit =
        if not (stream.SkipName name) then
            stream.Unexpected("'" + name + "'")

    member stream.ExpectKind(kind: TokenKind, wanted: string) : Token =
        if stream.Current.Kind <> kind then
            stream.Unexpected wanted

        stream.Next()

    member stream.ExpectName() : string =
        (stream.ExpectKind(TokenKind.Name, "a name")).Text

    /// Counts one level of nesting around what it runs.
    member _.Nested(parse: unit -> 'a) : 'a =
        depth <- depth + 1

        if depth > maxDepth then
            Fault.raise "the template is nested too deeply"

        let result = parse ()
        depth <- depth - 1
        result
