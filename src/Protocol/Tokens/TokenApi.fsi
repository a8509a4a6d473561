namespace StreamCore.Protocol

open System
open System.Buffers
open System.Diagnostics.CodeAnalysis

/// The helper routes around tokens on the wire: `/tokenize`, `/detokenize` and `/apply-template`.
[<AbstractClass; Sealed>]
type TokenApi =
    /// Reads a request for the tokens of a text.
    static member TryParseTokenize:
        body: ReadOnlySequence<byte> *
        limits: ProtocolLimits *
        [<NotNullWhen true>] request: outref<TokenizeRequest | null> *
        [<NotNullWhen false>] error: outref<ApiError | null> ->
            bool

    /// Reads a request for the text of tokens.
    static member TryParseDetokenize:
        body: ReadOnlySequence<byte> *
        limits: ProtocolLimits *
        [<NotNullWhen true>] request: outref<DetokenizeRequest | null> *
        [<NotNullWhen false>] error: outref<ApiError | null> ->
            bool

    /// Reads a request for a conversation as the model's template writes it: a chat request, whose model is empty where none is named.
    static member TryParseTemplate:
        body: ReadOnlySequence<byte> *
        limits: ProtocolLimits *
        [<NotNullWhen true>] request: outref<ChatRequest | null> *
        [<NotNullWhen false>] error: outref<ApiError | null> ->
            bool

    /// The tokens, their number, and the length of the model's context. With `withPieces` each token is an object with its text,
    /// or its bytes where they are not UTF-8 alone.
    static member EncodeTokens:
        output: IBufferWriter<byte> * tokens: TokenPiece[] * withPieces: bool * maxModelTokens: int -> unit

    /// The text of tokens, in the names of both servers.
    static member EncodeText: output: IBufferWriter<byte> * utf8: ReadOnlySpan<byte> -> unit

    /// A rendered conversation.
    static member EncodePrompt: output: IBufferWriter<byte> * prompt: string -> unit
