using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace StreamCore.LoadTests.Stub;

/// <summary>One connection to the stub: reads a request, answers it, and reads the next.</summary>
internal sealed class StubConnection(Socket socket, StubSettings settings, SemaphoreSlim slots, CancellationToken stopping) : IDisposable
{
    private const string Length = "Content-Length:";
    private const string ChatPath = "/v1/chat/completions";
    private const string CompletionsPath = "/v1/completions";

    private byte[] _buffer = new byte[2048];
    private int _filled;
    private string _path = "";
    private StubRequest _request;

    /// <summary>The request is for an answer, not one of the questions around it.</summary>
    public bool IsGeneration => _path is ChatPath or CompletionsPath;

    /// <summary>False when the client closed between two requests.</summary>
    public async ValueTask<bool> ReadAsync()
    {
        socket.NoDelay = true;
        int head, body;
        while (!TryFind(out head, out body))
        {
            if (_filled == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            var count = await socket.ReceiveAsync(_buffer.AsMemory(_filled), stopping);
            if (count == 0 && _filled > 0) throw new SocketException((int)SocketError.ConnectionReset);
            if (count == 0) return false;
            _filled += count;
        }

        _path = Encoding.ASCII.GetString(_buffer.AsSpan(0, _buffer.AsSpan().IndexOf((byte)'\r'))).Split(' ')[1];
        _request = StubRequest.Read(_buffer.AsMemory(head, body));
        _filled -= head + body;
        _buffer.AsSpan(head + body, _filled).CopyTo(_buffer);
        return true;
    }

    public Task AnswerAsync(bool refused) => _path switch
    {
        _ when refused => SendAsync(StubAnswers.Whole(429, """{"error":{"message":"The stub was told to refuse this one.","type":"rate_limit_error"}}""")),
        "/health" => SendAsync(StubAnswers.Whole(200, """{"status":"ok"}""")),
        "/v1/models" => SendAsync(StubAnswers.Whole(200, """{"object":"list","data":[{"id":"stub","object":"model","meta":{"ftype":"none"}}]}""")),
        "/tokenize" => SendAsync(StubAnswers.Whole(200, $"{{\"tokens\":[{string.Join(',', Enumerable.Range(0, _request.Words))}]}}")),
        ChatPath or CompletionsPath => GenerateAsync(_path == ChatPath),
        _ => SendAsync(StubAnswers.Whole(404, """{"error":{"message":"The stub has no such route.","type":"invalid_request_error"}}""")),
    };

    public void Dispose() => socket.Dispose();

    private async Task GenerateAsync(bool chat)
    {
        await slots.WaitAsync(stopping);
        try
        {
            var start = Stopwatch.GetTimestamp();
            if (!_request.Stream)
            {
                await WaitAsync(start, settings.FirstMilliseconds + (settings.StepMilliseconds * (_request.MaxTokens - 1)));
                await SendAsync(StubAnswers.Completion(chat, _request.Words, _request.MaxTokens));
                return;
            }

            await SendAsync(StubAnswers.StreamHead);
            for (var token = 0; token < _request.MaxTokens; token++)
            {
                await WaitAsync(start, settings.FirstMilliseconds + (settings.StepMilliseconds * token));
                await SendAsync(chat ? StubAnswers.ChatToken : StubAnswers.CompletionToken);
            }

            await SendAsync(StubAnswers.StreamEnd(_request.Words, _request.MaxTokens));
        }
        finally
        {
            slots.Release();
        }
    }

    private async ValueTask WaitAsync(long start, int milliseconds)
    {
        // The runtime's timers may be early by less than a tick.
        while (TimeSpan.FromMilliseconds(milliseconds) - Stopwatch.GetElapsedTime(start) is var left && left > TimeSpan.Zero)
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), stopping);
    }

    private async Task SendAsync(byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;) sent += await socket.SendAsync(bytes.AsMemory(sent), stopping);
    }

    /// <summary>True when a whole request lies in the buffer.</summary>
    private bool TryFind(out int head, out int body)
    {
        var received = _buffer.AsSpan(0, _filled);
        (head, body) = (received.IndexOf("\r\n\r\n"u8) + 4, 0);
        if (head < 4) return false;
        foreach (var line in Encoding.ASCII.GetString(received[..head]).Split("\r\n"))
        {
            if (line.StartsWith(Length, StringComparison.OrdinalIgnoreCase)) body = int.Parse(line[Length.Length..], CultureInfo.InvariantCulture);
            // A body in chunks is more than the stub reads.
            if (line.StartsWith("Transfer-Encoding:", StringComparison.OrdinalIgnoreCase)) throw new SocketException((int)SocketError.OperationNotSupported);
        }

        return received.Length >= head + body;
    }
}

/// <summary>What the stub must know of a request.</summary>
/// <param name="Words">Words of its prompt, which are its tokens here.</param>
internal readonly record struct StubRequest(int Words, int MaxTokens, bool Stream)
{
    public static StubRequest Read(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty) return default;
        using var json = JsonDocument.Parse(body);
        var root = json.RootElement;
        var texts = root.TryGetProperty("messages", out var messages)
            ? messages.EnumerateArray().Select(message => message.GetProperty("content").GetString()!)
            : new[] { "content", "prompt" }.Where(name => root.TryGetProperty(name, out _)).Take(1).Select(name => root.GetProperty(name).GetString()!);
        return new(
            texts.Sum(text => text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries).Length),
            root.TryGetProperty("max_tokens", out var most) ? most.GetInt32() : 16,
            root.TryGetProperty("stream", out var stream) && stream.GetBoolean());
    }
}
