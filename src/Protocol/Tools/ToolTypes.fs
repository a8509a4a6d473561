namespace StreamCore.Protocol

/// A function that the model may call.
[<NoComparison>]
type ToolDefinition = {
    Name: string
    /// `{"type":"function","function":{…}}`, as chat templates expect it: the name, the description where there is one, and the
    /// parameters.
    Json: string
}

/// A call that the model made earlier in the conversation.
[<NoComparison>]
type ToolCall = {
    /// Empty where the call was a `function_call`, which has none.
    Id: string
    Name: string
    /// JSON as the model wrote it, which need not be JSON.
    Arguments: string
}

/// What a chat request says of tools.
[<NoComparison>]
type ToolUse = {
    /// Those that the model is told of and may call; empty where it may call none.
    Tools: ToolDefinition[]
    /// Whether it may call several in one answer.
    IsParallel: bool
    /// Whether the client asked with `functions`, and is answered with `function_call`.
    AsFunctions: bool
} with

    /// No tools.
    static member None = {
        Tools = [||]
        IsParallel = true
        AsFunctions = false
    }
