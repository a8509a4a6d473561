namespace StreamCore.Protocol

open System
open StreamCore.Protocol.Grammar

/// Who speaks in a message. An enumeration, so that C# may branch on it.
type ChatRole =
    | System = 0
    | Developer = 1
    | User = 2
    | Assistant = 3
    /// What a called tool gave.
    | Tool = 4
    /// The same in the older form, by name instead of by the call's id.
    | Function = 5

/// An image in a message.
[<NoComparison>]
type ChatImage = {
    /// Which part of the content it is.
    Part: int
    /// Where it is, or, with `data:`, what it is.
    Url: string
}

/// One message of a conversation.
[<NoComparison>]
type ChatMessage = {
    Role: ChatRole
    /// Text parts joined by line feeds. Absent only where an assistant did nothing but call.
    Content: string | null
    /// What a user shows.
    Images: ChatImage[]
    /// The speaker's name, where several share a role; the function's, for the function role.
    Name: string | null
    /// What an assistant called in this message.
    ToolCalls: ToolCall[]
    /// The call that a tool's message answers.
    ToolCallId: string | null
    /// What an assistant thought before it spoke.
    Reasoning: string | null
} with

    /// The role in the word of the wire.
    member message.RoleName =
        match message.Role with
        | ChatRole.System -> "system"
        | ChatRole.Developer -> "developer"
        | ChatRole.User -> "user"
        | ChatRole.Tool -> "tool"
        | ChatRole.Function -> "function"
        | _ -> "assistant"

/// Most tokens of reasoning, after which it is ended.
[<NoComparison>]
type ReasoningBudget = {
    /// 0 is none.
    MaxTokens: int
    /// The parameter that said so, of several names for it.
    Param: string
}

/// What a chat request asks of the chat template.
[<NoComparison>]
type PromptSettings = {
    /// Further variables for the template: a JSON object.
    TemplateArguments: string | null
    /// Whether the prompt ends where the assistant's answer begins.
    AddsGenerationPrompt: bool
    /// Whether the prompt ends within the last message, an assistant's, which the answer goes on with.
    ContinuesFinalMessage: bool
    /// How long to think, in a word of the wire.
    ReasoningEffort: string | null
    /// Null where reasoning may take as long as the answer may.
    ReasoningBudget: ReasoningBudget | null
} with

    static member Default = {
        TemplateArguments = null
        AddsGenerationPrompt = true
        ContinuesFinalMessage = false
        ReasoningEffort = null
        ReasoningBudget = null
    }

/// A chat request with every default filled in. Nothing in it needs checking again, but for what only the model knows:
/// its name, the length of its context, and what its chat template can say.
[<NoComparison>]
type ChatRequest = {
    Model: string
    /// At least one.
    Messages: ChatMessage[]
    ToolUse: ToolUse
    /// What the answer's text must be; null for any text.
    Format: GrammarSpec | null
    Prompt: PromptSettings
    Sampling: SamplingSettings
    /// Most tokens of the answer. Absent: as many as the context has room for.
    MaxTokens: Nullable<int>
    /// No empty ones.
    Stop: string[]
    /// How many answers.
    N: int
    /// Logprobs are told of each token, with so many of the most probable ones at its place. Absent: none.
    TopLogprobs: Nullable<int>
    Stream: bool
    /// Whether the stream ends with a chunk of usage. Never without `Stream`.
    IncludeUsage: bool
    /// The client's name for its own user.
    User: string | null
    /// Cache is shared only with requests of the same salt; null is one too.
    CacheSalt: string | null
}

/// One call of a finished answer.
[<NoComparison; NoEquality>]
type ChatCall = {
    /// `call_…`.
    Id: string
    Name: string
    /// UTF-8.
    Arguments: ReadOnlyMemory<byte>
}

/// One finished answer of a chat response.
[<NoComparison; NoEquality>]
type ChatChoice = {
    /// UTF-8.
    Text: ReadOnlyMemory<byte>
    /// UTF-8. Empty where there was none.
    Reasoning: ReadOnlyMemory<byte>
    Calls: ChatCall[]
    FinishReason: FinishReason
    /// Null where none were asked for.
    Logprobs: TokenLogprobs[] | null
} with

    /// An answer that is text and nothing else.
    static member OfText(text, finishReason) = {
        Text = text
        Reasoning = ReadOnlyMemory.Empty
        Calls = [||]
        FinishReason = finishReason
        Logprobs = null
    }

/// How answers are told to a client, where there is more than one way.
[<NoComparison>]
type ChatShape = {
    /// `reasoning_content` or `reasoning`.
    ReasoningField: string
    /// Calls are told as `function_call`, one an answer.
    AsFunctions: bool
} with

    static member Default = {
        ReasoningField = "reasoning_content"
        AsFunctions = false
    }
