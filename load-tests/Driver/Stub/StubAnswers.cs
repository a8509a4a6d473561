using System.Globalization;
using System.Text;

namespace StreamCore.LoadTests.Stub;

/// <summary>The stub's answers as bytes.</summary>
internal static class StubAnswers
{
    public static readonly byte[] StreamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray();
    public static readonly byte[] ChatToken = Chunk("""{"id":"stub","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}""");
    public static readonly byte[] CompletionToken = Chunk("""{"id":"stub","object":"text_completion","choices":[{"index":0,"text":" word","finish_reason":null}]}""");

    public static byte[] StreamEnd(int promptTokens, int completionTokens) =>
    [
        .. Chunk("""{"id":"stub","choices":[{"index":0,"delta":{},"finish_reason":"length"}]}"""),
        .. Chunk($$"""{"id":"stub","choices":[],{{Usage(promptTokens, completionTokens)}}}"""),
        .. Chunk("[DONE]"),
        .. "0\r\n\r\n"u8,
    ];

    public static byte[] Completion(bool chat, int promptTokens, int completionTokens)
    {
        var text = string.Concat(Enumerable.Repeat(" word", completionTokens));
        var choice = chat ? $$"""{"index":0,"message":{"role":"assistant","content":"{{text}}"},"finish_reason":"length"}""" : $$"""{"index":0,"text":"{{text}}","finish_reason":"length"}""";
        return Whole(200, $$"""{"id":"stub","choices":[{{choice}}],{{Usage(promptTokens, completionTokens)}}}""");
    }

    public static byte[] Whole(int status, string json) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"HTTP/1.1 {status} Stub\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}"));

    private static string Usage(int promptTokens, int completionTokens) => string.Create(CultureInfo.InvariantCulture,
        $$"""
        "usage":{"prompt_tokens":{{promptTokens}},"completion_tokens":{{completionTokens}},"total_tokens":{{promptTokens + completionTokens}}}
        """);

    private static byte[] Chunk(string data) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{data.Length + 8:x}\r\ndata: {data}\n\n\r\n"));
}
