namespace StreamCore.HttpBench.Load;

/// <summary>The requests, as the bytes that are sent.</summary>
internal static class Requests
{
    private const string Fields = "Host: 127.0.0.1\r\nAccept: application/json\r\nUser-Agent: bench/1.0\r\nAuthorization: Bearer sk-0123456789abcdef\r\n";
    private const string Chat = """{"model":"qwen2.5-0.5b-instruct","messages":[{"role":"user","content":"Say something long."}],"stream":true}""";

    public static readonly byte[] Models = [.. "GET /v1/models HTTP/1.1\r\n"u8, .. Ascii(Fields), .. "\r\n"u8];

    public static readonly byte[] Stream = Ascii(
        $"POST /v1/chat/completions HTTP/1.1\r\n{Fields}Content-Type: application/json\r\nContent-Length: {Chat.Length}\r\n\r\n{Chat}");

    private static byte[] Ascii(string text) => System.Text.Encoding.ASCII.GetBytes(text);
}
