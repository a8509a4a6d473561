namespace StreamCore.Protocol

/// How much one request may ask for. The body's length in bytes is the transport's to limit.
[<NoComparison>]
type ProtocolLimits = {
    /// Messages in one chat request. Default 2048, OpenAI's own.
    MaxMessageCount: int
    /// Stop strings in one request. Default 16; OpenAI takes 4, and every text is compared with all of them.
    MaxStopCount: int
    /// UTF-16 units in one stop string. Default 256: so much text may be held back from a stream.
    MaxStopLength: int
    /// Prompts in one completion request, each a generation of its own. Default 128.
    MaxPromptCount: int
    /// Answers in one request, of all its prompts together, those that `best_of` throws away included. Default 128, OpenAI's own.
    MaxChoiceCount: int
    /// The largest `max_tokens` that is taken at all, whatever the model. Default 1,048,576.
    MaxCompletionTokens: int
    /// Tools in one chat request. Default 128, OpenAI's own.
    MaxToolCount: int
    /// Levels of nesting in a JSON body. Default 64, System.Text.Json's own.
    MaxDepth: int
} with

    static member Default = {
        MaxMessageCount = 2048
        MaxStopCount = 16
        MaxStopLength = 256
        MaxPromptCount = 128
        MaxChoiceCount = 128
        MaxCompletionTokens = 1 <<< 20
        MaxToolCount = 128
        MaxDepth = 64
    }
