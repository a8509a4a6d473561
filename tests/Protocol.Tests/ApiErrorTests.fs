module StreamCore.Protocol.Tests.ApiErrorTests

open System
open System.Buffers
open System.Text.Json
open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Tests.Bodies

let private encoded (error: ApiError) =
    let output = ArrayBufferWriter<byte>()
    error.Encode output
    text output.WrittenSpan

[<Fact>]
let ``An error has all four keys, and says null for those without a value`` () =
    Assert.Equal(
        """{"error":{"message":"Invalid URL (POST /v1/x)","type":"invalid_request_error","param":null,"code":null}}""",
        encoded (ApiError.UnknownUrl("POST", "/v1/x"))
    )

    Assert.Equal(
        """{"error":{"message":"Das „\"\\\n ist falsch.","type":"invalid_request_error","param":"a[0].b","code":"c"}}""",
        encoded (ApiError.InvalidRequest("a[0].b", "Das „\"\\\n ist falsch.", "c"))
    )

let private kinds: (ApiError * int * string * (string | null) * (string | null))[] = [|
    ApiError.InvalidRequest("p", "m", "c"), 400, "invalid_request_error", "p", "c"
    ApiError.MissingApiKey(), 401, "invalid_request_error", null, null
    ApiError.InvalidApiKey(), 401, "invalid_request_error", null, "invalid_api_key"
    ApiError.ModelNotFound "m", 404, "invalid_request_error", "model", "model_not_found"
    ApiError.UnknownUrl("GET", "/"), 404, "invalid_request_error", null, null
    ApiError.MethodNotAllowed("GET", "/"), 405, "invalid_request_error", null, "method_not_supported"
    ApiError.PayloadTooLarge 1L, 413, "invalid_request_error", null, "request_too_large"
    ApiError.UnsupportedMediaType null, 415, "invalid_request_error", null, "unsupported_content_type"
    ApiError.QueueFull 3, 429, "rate_limit_error", null, "rate_limit_exceeded"
    ApiError.ContextLengthExceeded("prompt", 1, 2, Nullable()),
    400,
    "invalid_request_error",
    "prompt",
    "context_length_exceeded"
    ApiError.ImageNotSupported("m", 1, 2),
    400,
    "invalid_request_error",
    "messages[1].content[2].type",
    "unsupported_value"
    ApiError.EngineFailed("m", false), 500, "server_error", null, "engine_failed"
    ApiError.EngineFailed("m", true), 503, "server_error", null, "engine_failed"
    ApiError.Unavailable("m", Nullable 2), 503, "server_error", null, "service_unavailable"
    ApiError.Draining(), 503, "server_error", null, "service_unavailable"
    ApiError.TimedOut(), 504, "server_error", null, "timeout"
    ApiError.Internal "r", 500, "server_error", null, null
    ApiError.Http(431, "m"), 431, "invalid_request_error", null, null
    ApiError.Http(505, "m"), 505, "server_error", null, null
|]

[<Fact>]
let ``Every refusal has its status, type, param and code`` () =
    for error, status, kind, param, code in kinds do
        Assert.Equal(status, error.Status)
        Assert.Equal(kind, error.Kind)
        Assert.Equal(param, error.Param)
        Assert.Equal(code, error.Code)
        use document = JsonDocument.Parse(encoded error)
        let fields = document.RootElement.GetProperty "error"
        Assert.Equal(4, fields.GetPropertyCount())

[<Fact>]
let ``A full queue tells when to come back`` () =
    Assert.Equal(Nullable 3, (ApiError.QueueFull 3).RetryAfterSeconds)
    Assert.False((ApiError.ModelNotFound "m").RetryAfterSeconds.HasValue)

[<Fact>]
let ``A context overrun is told in OpenAI's words`` () =
    Assert.Equal(
        "This model's maximum context length is 4097 tokens. However, your messages resulted in 4294 tokens. Please reduce the length of the messages.",
        ApiError.ContextLengthExceeded("messages", 4097, 4294, Nullable()).Message
    )

    Assert.Equal(
        "This model's maximum context length is 4097 tokens. However, you requested 4203 tokens (3703 in the messages, 500 in the completion). Please reduce the length of the messages or completion.",
        ApiError.ContextLengthExceeded("messages", 4097, 3703, Nullable 500).Message
    )

[<Fact>]
let ``What the client sent is repeated shortened`` () =
    let message = (ApiError.ModelNotFound(String('x', 100_000))).Message
    Assert.True(message.Length < 300)
