namespace StreamCore.Protocol

/// A function that the model may call.
[<NoComparison>]
type ToolDefinition = {
    Name: string
    /// `{"type":"function","function":{…}}`, as chat templates expect it: the name, the description where there is one, and the
    /// parameters.
    Json: string
    /// The JSON Schema of its arguments.
    Parameters: string
    /// Whether its arguments are kept to the schema even where the model may choose to call or not.
    IsStrict: bool
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
    /// Whether the answer must be a call.
    MustCall: bool
    /// Whether it may call several in one answer.
    IsParallel: bool
    /// Whether the client asked with `functions`, and is answered with `function_call`.
    AsFunctions: bool
} with

    /// The parameter that holds them.
    member toolUse.Param = if toolUse.AsFunctions then "functions" else "tools"

    /// No tools.
    static member None = {
        Tools = [||]
        MustCall = false
        IsParallel = true
        AsFunctions = false
    }
