using System.Buffers;
using System.Text;

namespace StreamCore.Engines.StackFlow.Wire;

/// <summary>
/// Writes requests as the device's front process and its units can read them. They find keys by the first place where their quoted name
/// stands, so the order is fixed and data comes last; braces are counted inside strings too, so there they are escaped; and a surrogate pair
/// written as escapes makes an inference that is never answered, so all text beyond ASCII is raw UTF-8.
/// </summary>
internal static class RequestWriter
{
    private static readonly SearchValues<byte> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(control => (byte)control), (byte)'"', (byte)'\\', (byte)'{', (byte)'}']);

    /// <summary>Writes one request and a newline, which nobody needs but who reads along.</summary>
    public static void Write(IBufferWriter<byte> output, Request request)
    {
        output.Write("{\"request_id\":"u8);
        WriteString(output, request.RequestId);
        output.Write(",\"work_id\":"u8);
        WriteString(output, request.WorkId);
        output.Write(",\"action\":"u8);
        WriteString(output, request.Action);
        output.Write(",\"object\":"u8);
        WriteString(output, request.Object);
        output.Write(",\"data\":"u8);
        request.Data.WriteTo(output);
        output.Write("}\n"u8);
    }

    /// <summary>A JSON string. Unpaired surrogates become U+FFFD.</summary>
    internal static void WriteString(IBufferWriter<byte> output, string text)
    {
        output.Write("\""u8);
        ReadOnlySpan<byte> left = Encoding.UTF8.GetBytes(text);
        while (true)
        {
            var at = left.IndexOfAny(Escaped);
            output.Write(at < 0 ? left : left[..at]);
            if (at < 0) break;
            WriteEscape(output, left[at]);
            left = left[(at + 1)..];
        }
        output.Write("\""u8);
    }

    /// <summary>Only escapes that the units' own small routine knows too.</summary>
    private static void WriteEscape(IBufferWriter<byte> output, byte value)
    {
        switch (value)
        {
            case (byte)'"': output.Write("\\\""u8); break;
            case (byte)'\\': output.Write("\\\\"u8); break;
            case (byte)'\n': output.Write("\\n"u8); break;
            case (byte)'\r': output.Write("\\r"u8); break;
            case (byte)'\t': output.Write("\\t"u8); break;
            default: output.Write(Encoding.ASCII.GetBytes("\\u00" + Convert.ToHexStringLower([value]))); break;
        }
    }
}
