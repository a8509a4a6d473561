namespace StreamCore.Protocol

open System
open System.Buffers

/// Encodes the chunks of one chat stream. What they share is encoded once, when it is made; a chunk allocates nothing.
/// Every chunk is one JSON object, without the frame of the event stream. One thread at a time.
[<Sealed>]
type ChatStreamEncoder =
    new: stamp: ResponseStamp * includeUsage: bool -> ChatStreamEncoder

    new: stamp: ResponseStamp * includeUsage: bool * shape: ChatShape -> ChatStreamEncoder

    /// The first chunk of a choice: who speaks, and nothing said yet.
    member RoleChunk: output: IBufferWriter<byte> * index: int -> unit

    /// Some more text. It ends where a character ends.
    member ContentChunk: output: IBufferWriter<byte> * index: int * utf8: ReadOnlySpan<byte> -> unit

    /// Some more of what is thought before the answer.
    member ReasoningChunk: output: IBufferWriter<byte> * index: int * utf8: ReadOnlySpan<byte> -> unit

    /// A call begins: its id and its name, which no other chunk repeats. The id and the name of a declared tool need no escapes.
    member CallChunk: output: IBufferWriter<byte> * index: int * call: int * id: string * name: string -> unit

    /// Some more of a call's arguments.
    member ArgumentsChunk: output: IBufferWriter<byte> * index: int * call: int * utf8: ReadOnlySpan<byte> -> unit

    /// Some more text, which may be none, with the logprobs of tokens that end in it.
    member LogprobsChunk:
        output: IBufferWriter<byte> * index: int * utf8: ReadOnlyMemory<byte> * logprobs: TokenLogprobs[] -> unit

    /// The last chunk of a choice: why it ended.
    member FinishChunk: output: IBufferWriter<byte> * index: int * reason: FinishReason -> unit

    /// The last chunk of the stream, where `IncludeUsage` was asked for.
    member UsageChunk: output: IBufferWriter<byte> * usage: TokenUsage -> unit
