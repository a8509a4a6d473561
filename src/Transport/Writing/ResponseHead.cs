using StreamCore.Transport.Connections;

namespace StreamCore.Transport.Writing;

/// <summary>Everything before the body of an answer, written with one span and one advance. No length: not known beforehand.</summary>
internal readonly record struct ResponseHead(int Status, string? ContentType, long? ContentLength, string RequestId, ConnectionFate Fate)
{
    /// <summary>What all fields but the application's take at most, with their names.</summary>
    private const int FixedBytes = StatusLines.MaxBytes + 192;

    /// <summary>204 and 304 have no body and no length (RFC 9110 §8.6).</summary>
    public static bool HasNoBody(int status) => status is 204 or 304;

    public void Write(ConnectionOutput output, ReadOnlySpan<byte> dateLine, ResponseHeaders headers, bool chunked)
    {
        var cursor = new HeadCursor(output.GetSpan(FixedBytes + RequestId.Length + (ContentType?.Length ?? 0) + headers.Size));
        WriteStatusLine(ref cursor);
        cursor.Bytes(dateLine);
        cursor.Field("x-request-id", RequestId);
        if (ContentType is not null) cursor.Field("Content-Type", ContentType);
        if (chunked) cursor.Bytes("Transfer-Encoding: chunked\r\n"u8);
        else if (ContentLength is { } length && !HasNoBody(Status))
        {
            cursor.Bytes("Content-Length: "u8);
            cursor.Number(length);
            cursor.Bytes("\r\n"u8);
        }
        if (Fate == ConnectionFate.Close) cursor.Bytes("Connection: close\r\n"u8);
        if (Fate == ConnectionFate.KeepAliveNamed) cursor.Bytes("Connection: keep-alive\r\n"u8);
        headers.WriteTo(ref cursor);
        cursor.Bytes("\r\n"u8);
        output.Advance(cursor.Written);
    }

    private void WriteStatusLine(ref HeadCursor cursor)
    {
        var line = StatusLines.Find(Status);
        cursor.Bytes(line);
        if (!line.IsEmpty) return;
        cursor.Bytes("HTTP/1.1 "u8);
        cursor.Number(Status);
        cursor.Bytes(" \r\n"u8);
    }
}
