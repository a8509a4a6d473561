namespace StreamCore.Protocol

/// Why a choice ended, in the words of the wire. An enumeration, so that C# may branch on it.
type FinishReason =
    /// Not ended yet: `null` on the wire.
    | None = 0
    /// An end-of-sequence token or a stop string: `"stop"`.
    | Stop = 1
    /// The token limit or the end of the context: `"length"`.
    | Length = 2
    /// The model called a tool: `"tool_calls"`.
    | ToolCalls = 3
    /// Output was withheld: `"content_filter"`.
    | ContentFilter = 4
    /// The same, told to a client that asked with `functions`: `"function_call"`.
    | FunctionCall = 5
