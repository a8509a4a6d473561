namespace StreamCore.Protocol

open System
open System.Buffers
open System.Diagnostics.CodeAnalysis
open System.Text
open System.Text.Json
open System.Text.Unicode

module internal TokenApiParts =
    let piece (json: Utf8JsonWriter) (token: TokenPiece) =
        json.WriteStartObject()
        json.WriteNumber("id", token.Token)

        if Utf8.IsValid token.Bytes.Span then
            json.WriteString("piece", token.Bytes.Span)
        else
            json.WriteStartArray "piece"

            for one in token.Bytes.Span do
                json.WriteNumberValue(int one)

            json.WriteEndArray()

        json.WriteEndObject()

[<AbstractClass; Sealed>]
type TokenApi =
    static member TryParseTokenize
        (
            body: ReadOnlySequence<byte>,
            limits: ProtocolLimits,
            [<NotNullWhen true>] request: outref<TokenizeRequest | null>,
            [<NotNullWhen false>] error: outref<ApiError | null>
        ) =
        GenerationParse.tryRequest limits body TokenParse.tokenize &request &error

    static member TryParseDetokenize
        (
            body: ReadOnlySequence<byte>,
            limits: ProtocolLimits,
            [<NotNullWhen true>] request: outref<DetokenizeRequest | null>,
            [<NotNullWhen false>] error: outref<ApiError | null>
        ) =
        GenerationParse.tryRequest limits body TokenParse.detokenize &request &error

    static member TryParseTemplate
        (
            body: ReadOnlySequence<byte>,
            limits: ProtocolLimits,
            [<NotNullWhen true>] request: outref<ChatRequest | null>,
            [<NotNullWhen false>] error: outref<ApiError | null>
        ) =
        GenerationParse.tryRequest limits body (TokenParse.template limits) &request &error

    static member EncodeTokens
        (output: IBufferWriter<byte>, tokens: TokenPiece[], withPieces: bool, maxModelTokens: int)
        =
        use json = JsonOut.writer output
        json.WriteStartObject()
        json.WriteStartArray "tokens"

        for token in tokens do
            if withPieces then
                TokenApiParts.piece json token
            else
                json.WriteNumberValue token.Token

        json.WriteEndArray()
        json.WriteNumber("count", tokens.Length)
        json.WriteNumber("max_model_len", maxModelTokens)
        json.WriteEndObject()

    static member EncodeText(output: IBufferWriter<byte>, utf8: ReadOnlySpan<byte>) =
        let text = Encoding.UTF8.GetString utf8
        use json = JsonOut.writer output
        json.WriteStartObject()
        json.WriteString("content", text)
        json.WriteString("prompt", text)
        json.WriteEndObject()

    static member EncodePrompt(output: IBufferWriter<byte>, prompt: string) =
        use json = JsonOut.writer output
        json.WriteStartObject()
        json.WriteString("prompt", prompt)
        json.WriteEndObject()
