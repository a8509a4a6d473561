namespace StreamCore.Protocol

open System
open System.Text

/// How arguments are written that are not JSON: each with its key.
[<NoComparison; NoEquality>]
type internal ParameterForm = {
    KeyOpening: byte[]
    KeyClosing: byte[]
    ValueOpening: byte[]
    ValueClosing: byte[]
    /// Whether a line feed after the opening and one before the closing belong to the markup.
    HasLineFeeds: bool
    /// What may come after the last one.
    Endings: byte[][]
}

/// What a call is made of, in syntaxes in which it is no JSON object. White space may stand between parts.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type internal CallPart =
    | Mark of byte[]
    /// It may be missing.
    | OptionalMark of byte[]
    /// May be missing, with a word of no meaning after it.
    | OptionalId of byte[]
    | Name
    | JsonArguments
    | Parameters of ParameterForm

/// What is around calls in one syntax, and what they are made of.
[<NoComparison; NoEquality>]
type internal ToolMarkup = {
    /// Begins calls anywhere in an answer; empty where there is no such marker.
    Opening: byte[]
    /// Ends a call, or the list of them; empty where their own end does.
    Closing: byte[]
    /// Calls may stand in place of an answer, without a marker.
    IsBare: bool
    /// Calls may be items of an array.
    HasLists: bool
    /// Begins each call, where the opening marker may be followed by several; empty where it may not.
    Next: byte[]
    /// Empty where a call is a JSON object.
    Parts: CallPart[]
}

[<RequireQualifiedAccess>]
module internal ToolMarkup =
    let private bytes (text: string) = Encoding.UTF8.GetBytes text

    let private none = {
        Opening = [||]
        Closing = [||]
        IsBare = false
        HasLists = false
        Next = [||]
        Parts = [||]
    }

    let private between opening closing = {
        none with
            Opening = bytes opening
            Closing = bytes closing
    }

    let private lists opening closing = {
        between opening closing with
            HasLists = true
    }

    let private parts opening closing parts = {
        between opening closing with
            Parts = parts
    }

    let private hermes = between "<tool_call>" "</tool_call>"

    let private llama = {
        between "<|python_tag|>" "" with
            IsBare = true
    }

    let private json = { lists "" "" with IsBare = true }

    let private qwen3Coder =
        let form = {
            KeyOpening = bytes "<parameter="
            KeyClosing = bytes ">"
            ValueOpening = [||]
            ValueClosing = bytes "</parameter>"
            HasLineFeeds = true
            Endings = [| bytes "</function>"; hermes.Closing |]
        }

        parts "<tool_call>" "</tool_call>" [|
            CallPart.Mark(bytes "<function=")
            CallPart.Name
            CallPart.Mark(bytes ">")
            CallPart.Parameters form
            CallPart.OptionalMark(bytes "</function>")
        |]

    let private glm =
        let form = {
            KeyOpening = bytes "<arg_key>"
            KeyClosing = bytes "</arg_key>"
            ValueOpening = bytes "<arg_value>"
            ValueClosing = bytes "</arg_value>"
            HasLineFeeds = false
            Endings = [| hermes.Closing |]
        }

        parts "<tool_call>" "</tool_call>" [| CallPart.Name; CallPart.Parameters form |]

    let private mistralV11 =
        parts "[TOOL_CALLS]" "" [|
            CallPart.Name
            CallPart.OptionalId(bytes "[CALL_ID]")
            CallPart.Mark(bytes "[ARGS]")
            CallPart.JsonArguments
        |]

    let private callBegin = bytes "<｜tool▁call▁begin｜>"
    let private callEnd = bytes "<｜tool▁call▁end｜>"
    let private separator = bytes "<｜tool▁sep｜>"

    let private deepSeekOf its = {
        parts "<｜tool▁calls▁begin｜>" "<｜tool▁calls▁end｜>" its with
            Next = callBegin
    }

    let private deepSeek =
        deepSeekOf [|
            CallPart.Mark callBegin
            CallPart.Mark(bytes "function")
            CallPart.Mark separator
            CallPart.Name
            CallPart.Mark(bytes "```json")
            CallPart.JsonArguments
            CallPart.OptionalMark(bytes "```")
            CallPart.OptionalMark callEnd
        |]

    let private deepSeekV31 =
        deepSeekOf [|
            CallPart.Mark callBegin
            CallPart.Name
            CallPart.Mark separator
            CallPart.JsonArguments
            CallPart.OptionalMark callEnd
        |]

    let private mistral = lists "[TOOL_CALLS]" ""
    let private granite = lists "<|tool_call|>" ""
    let private phi4 = lists "<|tool_call|>" "<|/tool_call|>"
    let private commandR7B = lists "<|START_ACTION|>" "<|END_ACTION|>"

    let ofSyntax syntax =
        match syntax with
        | ToolSyntax.Hermes -> hermes
        | ToolSyntax.Llama -> llama
        | ToolSyntax.Mistral -> mistral
        | ToolSyntax.Json -> json
        | ToolSyntax.Qwen3Coder -> qwen3Coder
        | ToolSyntax.Glm -> glm
        | ToolSyntax.MistralV11 -> mistralV11
        | ToolSyntax.DeepSeek -> deepSeek
        | ToolSyntax.DeepSeekV31 -> deepSeekV31
        | ToolSyntax.Granite -> granite
        | ToolSyntax.Phi4 -> phi4
        | ToolSyntax.CommandR7B -> commandR7B
        | _ -> none

    let reasoningOpening = bytes AnswerSyntax.ReasoningOpening
    let reasoningClosing = bytes AnswerSyntax.ReasoningClosing

    let private marksOf part =
        match part with
        | CallPart.Mark mark
        | CallPart.OptionalMark mark
        | CallPart.OptionalId mark -> [| mark |]
        | CallPart.Parameters form -> [| form.KeyOpening; form.KeyClosing; form.ValueOpening; form.ValueClosing |]
        | CallPart.Name
        | CallPart.JsonArguments -> [||]

    /// All that a syntax has of fixed words.
    let marks (markup: ToolMarkup) =
        Array.append [| markup.Opening; markup.Closing |] (Array.collect marksOf markup.Parts)
        |> Array.filter (fun mark -> mark.Length > 0)

    /// RFC 8259 §2.
    let isSpace (value: byte) =
        value = ' 'B || value = '\n'B || value = '\r'B || value = '\t'B

    /// Whether the text begins with the marker. 1: yes; 0: it may yet; -1: no.
    let begins (text: ReadOnlySpan<byte>) (marker: byte[]) =
        if text.StartsWith(ReadOnlySpan marker) then 1
        elif ReadOnlySpan(marker).StartsWith text then 0
        else -1

    /// How many bytes at the end of the text may still become the marker: the longest of its beginnings that the text ends with.
    let begun (text: ReadOnlySpan<byte>) (marker: byte[]) =
        let mutable length = min text.Length (marker.Length - 1)

        while length > 0 && not (text.EndsWith(ReadOnlySpan(marker, 0, length))) do
            length <- length - 1

        max length 0

    /// How many line feeds the text ends with.
    let lineFeeds (text: ReadOnlySpan<byte>) =
        text.Length - text.TrimEnd('\n'B).Length
