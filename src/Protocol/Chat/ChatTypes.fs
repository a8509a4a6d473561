namespace StreamCore.Protocol

open System

/// Who speaks in a message. An enumeration, so that C# may branch on it.
type ChatRole =
    | System = 0
    | Developer = 1
    | User = 2
    | Assistant = 3

/// One message of a conversation.
[<NoComparison>]
type ChatMessage = {
    Role: ChatRole
    /// Text parts joined by line feeds.
    Content: string
    /// The speaker's name, where several share a role.
    Name: string | null
} with

    /// The role in the word of the wire, which is also what chat templates compare with.
    member message.RoleName =
        match message.Role with
        | ChatRole.System -> "system"
        | ChatRole.Developer -> "developer"
        | ChatRole.User -> "user"
        | _ -> "assistant"

/// A chat request with every default filled in. Nothing in it needs checking again, but for what only the model knows:
/// its name and the length of its context.
[<NoComparison>]
type ChatRequest = {
    Model: string
    /// At least one.
    Messages: ChatMessage[]
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
}

/// One finished answer of a chat response.
[<NoComparison; NoEquality>]
type ChatChoice = {
    /// UTF-8.
    Text: ReadOnlyMemory<byte>
    FinishReason: FinishReason
    /// Null where none were asked for.
    Logprobs: TokenLogprobs[] | null
}
