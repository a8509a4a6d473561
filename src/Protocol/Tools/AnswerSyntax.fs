namespace StreamCore.Protocol

open System

/// How one answer's text is to be taken apart.
[<NoComparison>]
type AnswerSyntax = {
    /// None where the request has no tools: nothing is a call then.
    Tools: ToolSyntax
    /// The tools that may be called. What names another is no call.
    Callable: ToolDefinition[]
    /// After the first call, nothing more of the answer is told.
    IsSingleCall: bool
    /// Whether an answer may begin with reasoning, between its markers.
    HasReasoning: bool
    /// The prompt ended within reasoning: the answer goes on with it.
    StartsInReasoning: bool
    /// The prompt ended within the answer's text, which the answer goes on with.
    ContinuesText: bool
} with

    /// The markers around reasoning.
    static member ReasoningOpening = "<think>"
    static member ReasoningClosing = "</think>"

    /// All is text.
    static member Plain = {
        Tools = ToolSyntax.None
        Callable = [||]
        IsSingleCall = false
        HasReasoning = false
        StartsInReasoning = false
        ContinuesText = false
    }

/// What an answer turns out to be made of, told in its order. Spans are valid during the call. Text and arguments come in
/// pieces, cut wherever the answer's text was cut.
type IAnswerEvents =
    /// Some more of the answer's content, and where in the answer's text it begins.
    abstract Text: start: int * utf8: ReadOnlySpan<byte> -> unit
    /// Some more of what the model thinks before it answers.
    abstract Reasoning: utf8: ReadOnlySpan<byte> -> unit
    /// A call of a declared tool begins. Calls are counted from 0, and do not overlap.
    abstract CallBegin: call: int * name: string -> unit
    /// Some more of the JSON text of the call's arguments, as the model wrote it, or as what it wrote stands for.
    abstract CallArguments: call: int * utf8: ReadOnlySpan<byte> -> unit
    abstract CallEnd: call: int -> unit
