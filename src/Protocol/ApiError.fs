namespace StreamCore.Protocol

open System
open System.Buffers
open System.Globalization

/// A refusal as the client is told of it. Every refusal the server makes is made here or by a parser of this project,
/// in OpenAI's words where OpenAI has words for it.
[<NoComparison>]
type ApiError = {
    /// HTTP status.
    Status: int
    /// `type` on the wire: `invalid_request_error`, `rate_limit_error` or `server_error`.
    Kind: string
    Message: string
    /// The parameter at fault, with its path: `messages[0].content`.
    Param: string | null
    /// A name for programs: `context_length_exceeded`.
    Code: string | null
    /// For the `Retry-After` header.
    RetryAfterSeconds: Nullable<int>
} with

    static member private Refuse(status, message, param, code) = {
        Status = status
        Kind =
            if status = 429 then "rate_limit_error"
            elif status >= 500 then "server_error"
            else "invalid_request_error"
        Message = message
        Param = param
        Code = code
        RetryAfterSeconds = Nullable()
    }

    /// 400: the request itself is wrong.
    static member InvalidRequest(param: string | null, message: string, code: string | null) =
        ApiError.Refuse(400, message, param, code)

    /// 401: no key was sent.
    static member MissingApiKey() =
        ApiError.Refuse(
            401,
            "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
            null,
            null
        )

    /// 401: the key is not known. The key is not repeated.
    static member InvalidApiKey() =
        ApiError.Refuse(401, "Incorrect API key provided.", null, "invalid_api_key")

    /// 404: no model and no alias of that name.
    static member ModelNotFound(name: string) =
        let message =
            $"The model `{Shown.text name}` does not exist or you do not have access to it."

        ApiError.Refuse(404, message, "model", "model_not_found")

    /// 404: no such route.
    static member UnknownUrl(method: string, path: string) =
        ApiError.Refuse(404, $"Invalid URL ({Shown.text method} {Shown.text path})", null, null)

    /// 405: the route exists, with other methods.
    static member MethodNotAllowed(method: string, path: string) =
        let message = $"Not allowed to {Shown.text method} on {Shown.text path}."
        ApiError.Refuse(405, message, null, "method_not_supported")

    /// 413: the body is longer than the server takes.
    static member PayloadTooLarge(maxBytes: int64) =
        let limit = maxBytes.ToString CultureInfo.InvariantCulture
        ApiError.Refuse(413, $"The request body is larger than {limit} bytes.", null, "request_too_large")

    /// 415: not a content type this route reads. A missing header is null.
    static member UnsupportedMediaType(contentType: string | null) =
        let given =
            match contentType with
            | null -> "none was given"
            | text -> $"you specified the header 'Content-Type: {Shown.text text}'"

        let message =
            $"Unsupported content type. This API method only accepts 'application/json' requests, but {given}."

        ApiError.Refuse(415, message, null, "unsupported_content_type")

    /// 429: every place in the queue is taken.
    static member QueueFull(retryAfterSeconds: int) = {
        ApiError.Refuse(429, "The engine is currently overloaded, please try again later.", null, "rate_limit_exceeded") with
            RetryAfterSeconds = Nullable retryAfterSeconds
    }

    /// 400: the prompt does not fit the model, or does not fit it together with the tokens asked for.
    /// `param` is what holds the prompt: `messages` or `prompt`.
    static member ContextLengthExceeded(param: string, limit: int, promptTokens: int, maxTokens: Nullable<int>) =
        let number (value: int) =
            value.ToString CultureInfo.InvariantCulture

        let overrun =
            if maxTokens.HasValue then
                let total = number (promptTokens + maxTokens.Value)

                $"you requested {total} tokens ({number promptTokens} in the {param}, {number maxTokens.Value} in the completion). Please reduce the length of the {param} or completion."
            else
                $"your {param} resulted in {number promptTokens} tokens. Please reduce the length of the {param}."

        let message =
            $"This model's maximum context length is {number limit} tokens. However, {overrun}"

        ApiError.Refuse(400, message, param, "context_length_exceeded")

    /// 400: a message shows an image to a model that sees none.
    static member ImageNotSupported(model: string, message: int, part: int) =
        let number (value: int) =
            value.ToString CultureInfo.InvariantCulture

        let param = $"messages[{number message}].content[{number part}].type"

        ApiError.Refuse(
            400,
            $"Unsupported value: '{param}' does not support 'image_url' with the model '{Shown.text model}'. Only 'text' is supported.",
            param,
            "unsupported_value"
        )

    /// 500, or 503 where asking again may help: an engine or a device failed.
    static member EngineFailed(message: string, mayRetry: bool) =
        ApiError.Refuse((if mayRetry then 503 else 500), message, null, "engine_failed")

    /// 503: the server cannot serve this now, and it is not the queue.
    static member Unavailable(message: string, retryAfterSeconds: Nullable<int>) = {
        ApiError.Refuse(503, message, null, "service_unavailable") with
            RetryAfterSeconds = retryAfterSeconds
    }

    /// 503: the server is shutting down and takes nothing new.
    static member Draining() =
        ApiError.Unavailable("The server is shutting down. Please send your request again.", Nullable 1)

    /// 504: the request's own deadline passed.
    static member TimedOut() =
        ApiError.Refuse(504, "The request did not finish within its time limit.", null, "timeout")

    /// 500: a bug. The log has the rest, under the request id.
    static member Internal(requestId: string) =
        let message =
            $"The server had an error while processing your request. Sorry about that! (The request ID is {requestId}.)"

        ApiError.Refuse(500, message, null, null)

    /// What the transport refuses: bad bytes, limits, deadlines.
    static member Http(status: int, message: string) =
        ApiError.Refuse(status, message, null, null)

    /// `{"error":{…}}`, all four keys always: the body of an error response and the last event of a broken stream.
    member error.Encode(output: IBufferWriter<byte>) =
        use json = JsonOut.writer output
        json.WriteStartObject()
        json.WriteStartObject "error"
        json.WriteString("message", error.Message)
        json.WriteString("type", error.Kind)
        JsonOut.textOrNull json "param" error.Param
        JsonOut.textOrNull json "code" error.Code
        json.WriteEndObject()
        json.WriteEndObject()
