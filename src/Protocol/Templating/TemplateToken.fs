namespace StreamCore.Protocol.Templating

open System

[<RequireQualifiedAccess>]
type internal TokenKind =
    | Data
    | PrintBegin
    | PrintEnd
    | BlockBegin
    | BlockEnd
    | Name
    | Text
    | Integer
    | Float
    | Operator
    | End

[<Struct; NoComparison>]
type internal Token = {
    Kind: TokenKind
    Text: string
    Line: int
}

/// Where the lexer is. One line counter serves the error text too.
[<Sealed>]
type internal LexerState(source: string) =
    let tokens = ResizeArray<Token>()

    member val Position = 0 with get, set
    member val Line = 1 with get, set
    /// The text before this place ended with a line feed, so white space here is the line's indentation.
    member val LineStarting = true with get, set
    member _.Source = source
    member _.Tokens = tokens
    member state.AtEnd = state.Position >= source.Length

    member state.Add(kind: TokenKind, text: string) =
        tokens.Add {
            Kind = kind
            Text = text
            Line = state.Line
        }

    /// Whether the source goes on with this text.
    member state.Sees(text: string) =
        String.CompareOrdinal(source, state.Position, text, 0, text.Length) = 0

    /// Moves on, counting lines.
    member state.MoveTo(position: int) =
        for i in state.Position .. position - 1 do
            if source[i] = '\n' then
                state.Line <- state.Line + 1

        state.LineStarting <- position > 0 && source[position - 1] = '\n'
        state.Position <- position
