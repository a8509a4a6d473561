namespace StreamCore.Protocol

open System

/// What is around the objects of calls in one syntax.
[<NoComparison; NoEquality>]
type internal ToolMarkup = {
    /// Begins calls anywhere in an answer; empty where there is no such marker.
    Opening: byte[]
    /// Ends a call; empty where the end of its object does.
    Closing: byte[]
    /// Calls may stand in place of an answer, without a marker.
    IsBare: bool
    /// Calls may be items of an array.
    HasLists: bool
}

[<RequireQualifiedAccess>]
module internal ToolMarkup =
    let private markup (opening: string) (closing: string) isBare hasLists = {
        Opening = Text.Encoding.UTF8.GetBytes opening
        Closing = Text.Encoding.UTF8.GetBytes closing
        IsBare = isBare
        HasLists = hasLists
    }

    let private none = markup "" "" false false
    let private hermes = markup "<tool_call>" "</tool_call>" false false
    let private llama = markup "<|python_tag|>" "" true false
    let private mistral = markup "[TOOL_CALLS]" "" false true
    let private json = markup "" "" true true

    let ofSyntax syntax =
        match syntax with
        | ToolSyntax.Hermes -> hermes
        | ToolSyntax.Llama -> llama
        | ToolSyntax.Mistral -> mistral
        | ToolSyntax.Json -> json
        | _ -> none

    let reasoningOpening = Text.Encoding.UTF8.GetBytes AnswerSyntax.ReasoningOpening
    let reasoningClosing = Text.Encoding.UTF8.GetBytes AnswerSyntax.ReasoningClosing

    /// RFC 8259 §2.
    let isSpace (value: byte) =
        value = ' 'B || value = '\n'B || value = '\r'B || value = '\t'B

    /// How many bytes at the end of the text may still become the marker: the longest of its beginnings that the text ends with.
    let begun (text: ReadOnlySpan<byte>) (marker: byte[]) =
        let mutable length = min text.Length (marker.Length - 1)

        while length > 0 && not (text.EndsWith(ReadOnlySpan(marker, 0, length))) do
            length <- length - 1

        max length 0

    /// How many line feeds the text ends with.
    let lineFeeds (text: ReadOnlySpan<byte>) =
        text.Length - text.TrimEnd('\n'B).Length
