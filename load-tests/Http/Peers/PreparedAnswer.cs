using System.Buffers;
using System.Globalization;
using System.Text;
using StreamCore.Protocol;

namespace StreamCore.HttpBench.Peers;

/// <summary>The bytes our layer would send, made beforehand: what is left is the cost of sending them.</summary>
internal sealed class PreparedAnswer
{
    private readonly ChatStreamEncoder _encoder = new(Peers.Content.Stamp, includeUsage: false);
    private readonly int _dueAt;

    public PreparedAnswer(PeerSettings settings)
    {
        var first = Chunk(Event(output => _encoder.RoleChunk(output, 0)));
        Start = [.. Head("text/event-stream", "Transfer-Encoding: chunked\r\nCache-Control: no-cache\r\nX-Accel-Buffering: no"), .. first];
        Bursts = [.. Enumerable.Range(0, settings.Tokens).Chunk(settings.Burst).Select(Burst)];
        var finish = Event(output => _encoder.FinishChunk(output, 0, FinishReason.Stop));
        End = [.. Chunk([.. finish, .. "data: [DONE]\n\n"u8]), .. "0\r\n\r\n"u8];

        Paced = Chunk(Content(new Token(1, 0)));
        _dueAt = Paced.AsSpan().IndexOf("\"content\":\""u8) + "\"content\":\""u8.Length;

        var models = new ArrayBufferWriter<byte>();
        ModelApi.EncodeList(models, Peers.Content.Models);
        var length = "Content-Length: " + models.WrittenCount.ToString(CultureInfo.InvariantCulture);
        Models = [.. Head("application/json", length), .. models.WrittenSpan];
    }

    /// <summary>The head and the first event.</summary>
    public byte[] Start { get; }

    /// <summary>All words, one chunk a burst.</summary>
    public byte[][] Bursts { get; }

    /// <summary>The last events and the last chunk.</summary>
    public byte[] End { get; }

    /// <summary>A chunk whose token is a due time, to be copied and patched.</summary>
    public byte[] Paced { get; }

    /// <summary>The whole answer to GET /v1/models.</summary>
    public byte[] Models { get; }

    public void Patch(byte[] paced, Token token) => token.WriteDue(paced.AsSpan(_dueAt));

    private byte[] Burst(int[] indices) => Chunk([.. indices.SelectMany(i => Content(new Token(0, i)))]);

    private byte[] Content(Token token) => Event(output => _encoder.ContentChunk(output, 0, token.Utf8(new byte[Token.DueDigits])));

    private static byte[] Event(Action<IBufferWriter<byte>> encode)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write("data: "u8);
        encode(output);
        output.Write("\n\n"u8);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Chunk(byte[] payload) =>
        [.. Encoding.ASCII.GetBytes(payload.Length.ToString("x", CultureInfo.InvariantCulture)), .. "\r\n"u8, .. payload, .. "\r\n"u8];

    private static byte[] Head(string contentType, string framing) => Encoding.ASCII.GetBytes(
        "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nx-request-id: req_0123456789abcdef0123456789abcdef\r\n"
        + $"Content-Type: {contentType}\r\n{framing}\r\n\r\n");
}
