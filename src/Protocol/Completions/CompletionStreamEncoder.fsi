namespace StreamCore.Protocol

open System
open System.Buffers

/// Encodes the chunks of one completion stream. What they share is encoded once, when it is made; a chunk allocates nothing.
/// Every chunk is one JSON object, without the frame of the event stream. Safe for many threads.
[<Sealed>]
type CompletionStreamEncoder =
    new: stamp: ResponseStamp * includeUsage: bool -> CompletionStreamEncoder

    /// Some more text. It ends where a character ends.
    member ContentChunk: output: IBufferWriter<byte> * index: int * utf8: ReadOnlySpan<byte> -> unit

    /// Some more text, which may be none, with the logprobs of tokens that end in it.
    member LogprobsChunk:
        output: IBufferWriter<byte> * index: int * utf8: ReadOnlyMemory<byte> * logprobs: TokenLogprobs[] -> unit

    /// The last chunk of a choice: why it ended.
    member FinishChunk: output: IBufferWriter<byte> * index: int * reason: FinishReason -> unit

    /// The last chunk of the stream, where `IncludeUsage` was asked for.
    member UsageChunk: output: IBufferWriter<byte> * usage: TokenUsage -> unit
