using System.Text;

namespace StreamCore.Scheduler.Tests.Text;

/// <summary>What <c>TextAssembler</c> must give, the slow way: all bytes at once.</summary>
internal static class PlainText
{
    public static string Of(byte[] bytes, bool stripSpace, string[] stops, out string? stop)
    {
        if (stripSpace && bytes is [(byte)' ', ..]) bytes = bytes[1..];
        var text = Encoding.UTF8.GetString(bytes);
        stop = null;
        for (var end = 1; end <= text.Length; end++)
        {
            // The stop string that is complete first; the longest of those.
            stop = stops.Where(s => s.Length > 0 && text[..end].EndsWith(s, StringComparison.Ordinal)).MaxBy(s => Encoding.UTF8.GetByteCount(s));
            if (stop is not null) return text[..(end - stop.Length)];
        }

        return text;
    }
}
