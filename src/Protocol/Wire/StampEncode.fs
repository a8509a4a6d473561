namespace StreamCore.Protocol

open System
open System.Buffers
open System.Text.Json

/// What responses and chunks of both endpoints have in common.
[<RequireQualifiedAccess>]
module internal StampEncode =
    let finishReason reason =
        match reason with
        | FinishReason.Stop -> "stop"
        | FinishReason.Length -> "length"
        | FinishReason.ToolCalls -> "tool_calls"
        | FinishReason.ContentFilter -> "content_filter"
        | FinishReason.FunctionCall -> "function_call"
        | _ -> raise (ArgumentOutOfRangeException(nameof reason, "A choice that has ended has a reason for it."))

    /// Text completions know no tools.
    let completionFinishReason reason =
        match reason with
        | FinishReason.ToolCalls
        | FinishReason.FunctionCall -> "stop"
        | _ -> finishReason reason

    /// Opens the object and writes the fields that all objects of a response share.
    let start (json: Utf8JsonWriter) (kind: string) stamp =
        json.WriteStartObject()
        json.WriteString("id", stamp.Id)
        json.WriteString("object", kind)
        json.WriteNumber("created", stamp.Created)
        json.WriteString("model", stamp.Model)
        json.WriteString("system_fingerprint", stamp.SystemFingerprint)

    let usage (json: Utf8JsonWriter) (usage: TokenUsage) =
        json.WriteStartObject "usage"
        json.WriteNumber("prompt_tokens", usage.PromptTokens)
        json.WriteNumber("completion_tokens", usage.CompletionTokens)
        json.WriteNumber("total_tokens", usage.TotalTokens)
        json.WriteStartObject "prompt_tokens_details"
        json.WriteNumber("cached_tokens", usage.CachedTokens)
        json.WriteNumber("audio_tokens", 0)
        json.WriteEndObject()
        json.WriteStartObject "completion_tokens_details"
        json.WriteNumber("reasoning_tokens", usage.ReasoningTokens)
        json.WriteNumber("audio_tokens", 0)
        json.WriteNumber("accepted_prediction_tokens", 0)
        json.WriteNumber("rejected_prediction_tokens", 0)
        json.WriteEndObject()

        // Not OpenAI's.
        if usage.IsEstimated then
            json.WriteBoolean("estimated", true)

        json.WriteEndObject()

    /// The beginning of every chunk of a stream, up to the index of its choice.
    let chunkHead (start: Utf8JsonWriter -> unit) =
        let bytes = ArrayBufferWriter<byte>()
        use json = JsonOut.writer bytes
        start json
        json.WriteStartArray "choices"
        json.WriteStartObject()
        json.WritePropertyName "index"
        json.Flush()
        bytes.WrittenSpan.ToArray()

    /// The end of a chunk after its choices. Where usage is asked for, all chunks but the last say that theirs is not it.
    let chunkEnd includeUsage =
        if includeUsage then """}],"usage":null}""" else "}]}"

    /// The chunk of usage: no choices.
    let usageChunk output (start: Utf8JsonWriter -> unit) tokens =
        use json = JsonOut.writer output
        start json
        json.WriteStartArray "choices"
        json.WriteEndArray()
        usage json tokens
        json.WriteEndObject()
