using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace StreamCore.HttpBench.Load;

/// <summary>Takes an answer apart where that is needed: not while anything is measured.</summary>
internal static class AnswerParts
{
    /// <summary>Bytes of the whole answer, head and body, or 0 when more must arrive to know.</summary>
    public static int WholeLength(ReadOnlySpan<byte> received)
    {
        var head = HeadLength(received);
        if (head == 0) return 0;
        var field = "Content-Length: "u8;
        var at = received[..head].IndexOf(field);
        if (at < 0) return received.EndsWith("0\r\n\r\n"u8) ? received.Length : 0;
        return Utf8Parser.TryParse(received[(at + field.Length)..], out int length, out _) ? head + length : throw new IOException("No length.");
    }

    /// <summary>The body of a whole answer, without its chunks' frames.</summary>
    public static string Body(ReadOnlySpan<byte> answer)
    {
        var rest = answer[HeadLength(answer)..];
        if (answer[..^rest.Length].IndexOf("chunked"u8) < 0) return Encoding.UTF8.GetString(rest);
        var body = new List<byte>();
        while (true)
        {
            var line = rest.IndexOf("\r\n"u8);
            var size = int.Parse(rest[..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0) return Encoding.UTF8.GetString(body.ToArray());
            body.AddRange(rest.Slice(line + 2, size));
            rest = rest[(line + 2 + size + 2)..];
        }
    }

    private static int HeadLength(ReadOnlySpan<byte> received)
    {
        var end = received.IndexOf("\r\n\r\n"u8);
        return end < 0 ? 0 : end + 4;
    }
}
